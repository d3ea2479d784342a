// The network of a run that began with an ONNX file, in run.json.
import type { Json } from '@isonet/core';
import type { Dims } from '../onnxModel/onnxFile.ts';
import type { OnnxSource } from '../onnxModel/onnxSource.ts';
import type { Fields } from './fields.ts';

/** An ONNX file in run.json. */
export interface RecordedOnnx {
  /** Where it was read from, absolute. */
  readonly file: string;
  /** Of network.onnx in the run folder, in hex. */
  readonly sha256: string;
  /** The sizes that it leaves open. */
  readonly dims: Dims;
  /** The head that took the place of its own. */
  readonly head: RecordedHead | undefined;
}

/** A new last layer. */
export interface RecordedHead {
  /** The name of its node. */
  readonly node: string;
  readonly classes: number;
}

/** The record of a network. */
export function describeOnnx({ file: { path, sha256, dims }, head }: OnnxSource): RecordedOnnx {
  return { file: path, sha256, dims, head: head && { node: head.node, classes: head.classes } };
}

/** Reads it from run.json. */
export function parseOnnx(fields: Fields): RecordedOnnx {
  const head = fields.has('head') ? fields.object('head') : undefined;
  return {
    file: fields.text('file'),
    sha256: fields.text('sha256'),
    dims: fields.numbers('dims'),
    head: head && { node: head.text('node'), classes: head.whole('classes', 1) },
  };
}

/** The head as JSON. */
export function headJson({ head }: RecordedOnnx): Json {
  return head === undefined ? null : { node: head.node, classes: head.classes };
}
