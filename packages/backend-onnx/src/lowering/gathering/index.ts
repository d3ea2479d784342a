// The gathering lowering, for CUDA: the portable one, but that no operator adds into the same place from several threads, since the
// order of such sums, and with it their last bits, differ from run to run; and that nothing is asked of a kernel that it does not do.
import type { OnnxKernels } from '@isonet/onnx/write';
import { avgPool2dGradBy, conv2dGradInputBy } from '@isonet/onnx/write';
import { kernels } from '../portable.ts';
import { convTranspose } from './convTranspose.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

/** How each op is written. */
export const gathering: OnnxKernels = {
  ...kernels,
  avgPool2dGrad: avgPool2dGradBy(convTranspose),
  conv2dGradInput: conv2dGradInputBy(convTranspose),
  maxPool2dGrad,
};
