// Public API of @isonet/onnx/write: the parts for building a backend on an ONNX runtime.
export { version } from '../version.ts';
export { digestedBytes } from './digest.ts';
export { avgPool2dGradBy } from './gradients/avgPool2dGrad.ts';
export type { EmitTransposed, Transposed } from './gradients/convTranspose.ts';
export type { PointwiseKernel } from './ops/elementwise.ts';
export { elementwise } from './ops/elementwise.ts';
export { conv2dGradInputBy } from './ops/conv2dGradInput.ts';
export { trainingPixels } from './pixels/index.ts';
export { training } from './training.ts';
export type { WrittenGraph } from './writeGraph.ts';
export { supports, writeGraph } from './writeGraph.ts';
export { broadcastDims, staticDims } from './writer/dims.ts';
export type { OnnxAttrs, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './writer/encode.ts';
export { elementTypes, encodeModel } from './writer/encode.ts';
export type { Emitter, Form, Padding } from './writer/forms.ts';
export type { ElementwiseOperands, PointwiseWriter, Written } from './writer/pointwise.ts';
export type { OnnxKernel, OnnxKernels, Writer } from './writer/writer.ts';
export { writeElementwise } from './writer/pointwise.ts';
