// Public API of @isonet/onnx/read: the parts of the reader for tools that work on ONNX files.
export type { NamedTensor } from './decode.ts';
export { decodeOnnx, decodeTensor, externalFiles } from './decode.ts';
export type { ExternalData } from './external.ts';
export type {
  AttributeValues,
  FileAttribute,
  FileDim,
  FileGraph,
  FileNode,
  FileTensor,
  FileValue,
  OnnxFile,
} from './file.ts';
export type { FloatTensor, HostTensor, IntTensor, Kind } from './hostTensor.ts';
export { graphTensor } from './hostTensor.ts';
export type { GraphOptions, ReadGraph } from './readGraph.ts';
export { graphOf } from './readGraph.ts';
export { kindOf } from './tensors.ts';
export { operators } from './table.ts';
