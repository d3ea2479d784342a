// The source of a model that comes from an ONNX file.
import type { Head, OnnxNetwork } from '@isonet/onnx';
import type { OnnxModel } from './onnxFile.ts';

/** The source of a network that was read from an ONNX file. */
export interface OnnxSource {
  readonly file: OnnxModel;
  /** The network, with its new head if it has one. A run starts from its values. */
  readonly network: OnnxNetwork;
  /** The new head; undefined if the network keeps its own. */
  readonly head: Head | undefined;
  /** The names of the scales and shifts of its batch norm. */
  readonly norms: readonly string[];
}
