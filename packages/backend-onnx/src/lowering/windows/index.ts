// The lowering by windows, for ONNX Runtime's own WebGPU provider: what its kernels do not have or compute wrongly (docs/faults.md),
// written with Gather and matrix products.
import type { OnnxKernels } from '@isonet/onnx/write';
import { kernels } from '../portable.ts';
import { argMax } from './argMax.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

/** How each op is written. */
export const windows: OnnxKernels = {
  ...kernels,
  argMax,
  conv2dGradFilter,
  conv2dGradInput,
  maxPool2dGather,
  maxPool2dGrad,
};
