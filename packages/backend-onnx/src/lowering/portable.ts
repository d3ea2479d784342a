// The portable lowering: graphs in standard ONNX operators, exactly as they are exported.
import type { OnnxKernels } from '@isonet/onnx/write';
import { trainingPixels } from '@isonet/onnx/write';

/** The kernel table for processors. */
export const kernels: OnnxKernels = trainingPixels;
