// The entry in run.json for a network that comes from an ONNX file.
import type { Json } from '@isonet/core';
import type { Dims } from '../onnxModel/onnxFile.ts';
import type { OnnxSource } from '../onnxModel/onnxSource.ts';
import type { Fields } from './fields.ts';

/** The record of an ONNX file. */
export interface RecordedOnnx {
  /** The absolute path that it was read from. */
  readonly file: string;
  /** The digest of network.onnx in the run folder, in hex. */
  readonly sha256: string;
  /** The values of its dynamic dimensions. */
  readonly dims: Dims;
  /** The new head, if the file's own head was replaced. */
  readonly head: RecordedHead | undefined;
}

/** A new last layer. */
export interface RecordedHead {
  /** The name of its node. */
  readonly node: string;
  readonly classes: number;
}

/** Builds the record of a network from an ONNX file. */
export function describeOnnx({ file: { path, sha256, dims }, head }: OnnxSource): RecordedOnnx {
  return { file: path, sha256, dims, head: head && { node: head.node, classes: head.classes } };
}

/** Parses the record in run.json. */
export function parseOnnx(fields: Fields): RecordedOnnx {
  const head = fields.has('head') ? fields.object('head') : undefined;
  return {
    file: fields.text('file'),
    sha256: fields.text('sha256'),
    dims: fields.numbers('dims'),
    head: head && { node: head.text('node'), classes: head.whole('classes', 1) },
  };
}

/** Returns the head as JSON. */
export function headJson({ head }: RecordedOnnx): Json {
  return head === undefined ? null : { node: head.node, classes: head.classes };
}
