// The face of @isonet/onnx: networks and graphs as ONNX files.
export { exportGraph } from './write/exportGraph.ts';
export type { ExportedGraph, ExportGraphOptions } from './write/exportGraph.ts';
export { exportOnnx } from './write/exportOnnx.ts';
export type { ExportOptions } from './write/exportOnnx.ts';
export type { UniformInput } from './write/uniform.ts';
export { drawUniform } from './write/uniform.ts';
