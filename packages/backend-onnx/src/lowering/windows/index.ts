// The windows lowering, for ONNX Runtime's own WebGPU provider: the plain training table, with Gather and matrix products instead of
// operators that the provider lacks or computes wrongly (docs/faults.md).
import type { OnnxKernels } from '@isonet/onnx/write';
import { training } from '@isonet/onnx/write';
import { argMax } from './argMax.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

/** The kernel table for ONNX Runtime's WebGPU provider. */
export const windows: OnnxKernels = {
  ...training,
  argMax,
  conv2dGradFilter,
  conv2dGradInput,
  maxPool2dGather,
  maxPool2dGrad,
};
