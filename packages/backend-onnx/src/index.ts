// The face of @isonet/backend-onnx.
export { onnx } from './device.ts';
export { exportGraph } from './exportGraph.ts';
export type { ExportedGraph } from './exportGraph.ts';
export { exportOnnx } from './exportOnnx.ts';
export type { ExportOptions } from './exportOnnx.ts';
export type { UniformInput } from './uniform.ts';
export { drawUniform } from './uniform.ts';
