// What a model of an ONNX file has beside what every model has.
import type { Head, OnnxNetwork } from '@isonet/onnx';
import type { OnnxModel } from './onnxFile.ts';

/** Where a network comes from that was read from an ONNX file. */
export interface OnnxSource {
  readonly file: OnnxModel;
  /** With the new head, where it has one. Its values are what a run starts from. */
  readonly network: OnnxNetwork;
  /** The new head. */
  readonly head: Head | undefined;
  /** The scales and shifts of its batch norm, by name. */
  readonly norms: readonly string[];
}
