// The gathering lowering, for CUDA: the plain training table without atomic sums, and without attributes that CUDA's kernels reject.
// The order of atomic sums varies from run to run, and so do their last bits.
import type { OnnxKernels } from '@isonet/onnx/write';
import { avgPool2dGradBy, conv2dGradInputBy, training } from '@isonet/onnx/write';
import { convTranspose } from './convTranspose.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

/** The kernel table for CUDA. */
export const gathering: OnnxKernels = {
  ...training,
  avgPool2dGrad: avgPool2dGradBy(convTranspose),
  conv2dGradInput: conv2dGradInputBy(convTranspose),
  maxPool2dGrad,
};
