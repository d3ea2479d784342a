// Public API of @isonet/onnx: writes networks and graphs as ONNX files, and reads ONNX files as networks and graphs.
export type { FinalActivation } from './read/activation.ts';
export { externalFiles } from './read/decode.ts';
export type { ExternalData } from './read/external.ts';
export type { Head, Replaced } from './read/head.ts';
export { findHead, replaceHead } from './read/head.ts';
export { openDims } from './read/openDims.ts';
export type { ReadGraph, ReadGraphOptions } from './read/readGraph.ts';
export { readGraph } from './read/readGraph.ts';
export type { NetworkOptions, OnnxNetwork, ReadOptions } from './read/readOnnx.ts';
export { readOnnx } from './read/readOnnx.ts';
export type { ReadReport } from './read/report.ts';
export { withExternalData } from './read/withExternalData.ts';
export { exportGraph } from './write/exportGraph.ts';
export type { ExportedGraph, ExportGraphOptions } from './write/exportGraph.ts';
export { exportOnnx } from './write/exportOnnx.ts';
export type { ExportedModel, ExportOptions } from './write/exportOnnx.ts';
export type { UniformInput } from './write/uniform.ts';
export { drawUniform } from './write/uniform.ts';
