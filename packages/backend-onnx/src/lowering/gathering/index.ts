// The gathering lowering, for GPUs: the portable one, but that no operator adds into the same place from several threads, since
// the order of such sums, and with it their last bits, differ from run to run.
import type { OnnxKernels } from '@isonet/onnx/write';
import { kernels } from '../portable.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

/** How each op is written. */
export const gathering: OnnxKernels = { ...kernels, maxPool2dGrad };
