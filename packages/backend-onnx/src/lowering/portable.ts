// The portable lowering: graphs in standard ONNX operators, as they are exported.
import type { OnnxKernels } from '@isonet/onnx/write';
import { trainingPixels } from '@isonet/onnx/write';

/** How each op is written for processors. */
export const kernels: OnnxKernels = trainingPixels;
