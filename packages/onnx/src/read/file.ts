// An ONNX file as plain values: the result of decode.ts, which replaceHead then edits.
import type { HostTensor } from './hostTensor.ts';

/** A dimension: a size, or a name (`batch`); '' if the file leaves it unspecified. */
export type FileDim = number | string;

/** An input or output of the file's graph. */
export interface FileValue {
  readonly name: string;
  /** ONNX's code for the element type; 0 if the file does not specify it. */
  readonly elementType: number;
  /** Its dimensions; undefined if the file does not specify them. */
  readonly dims: readonly FileDim[] | undefined;
}

/** The types of attribute values, by attribute type. */
export interface AttributeValues {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
  readonly tensor: FileTensor;
  readonly graph: FileGraph;
  /** An attribute of an unsupported type. */
  readonly other: undefined;
}

/** The type and value of an attribute. */
export type FileAttribute = {
  readonly [T in keyof AttributeValues]: { readonly type: T; readonly value: AttributeValues[T] };
}[keyof AttributeValues];

/** A node: one application of an ONNX operator. */
export interface FileNode {
  /** Its name in the file, or else the name of its first output. Unique within the file. */
  readonly name: string;
  /** '' is ONNX's default domain. */
  readonly domain: string;
  readonly opType: string;
  /** Names of values; '' for an omitted optional input. */
  readonly inputs: readonly string[];
  /** Names of values; '' for an unused output. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, FileAttribute>;
}

/** A tensor in the file, decoded on demand. */
export interface FileTensor {
  readonly shape: readonly number[];
  /** ONNX's code for the element type. */
  readonly elementType: number;
  /** Decodes its values. @throws DataError `ONNX` for strings, complex numbers and other unsupported types */
  decode(): HostTensor;
}

/** A graph of the file: the network itself, or a branch of an If. */
export interface FileGraph {
  readonly name: string;
  readonly nodes: readonly FileNode[];
  readonly initializers: ReadonlyMap<string, FileTensor>;
  /** The inputs to feed, without the initializers that IR 3 files also list as inputs. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/** An ONNX file. */
export interface OnnxFile {
  readonly irVersion: number;
  /** The version of each operator set, by domain; '' is ONNX's default domain. */
  readonly opsets: ReadonlyMap<string, number>;
  /** The program that wrote it, and its version: `pytorch 2.15.0`. */
  readonly producer: string;
  /** Functions that the file defines, as `domain.name`. They are not supported. */
  readonly functions: ReadonlySet<string>;
  readonly graph: FileGraph;
  readonly metadata: ReadonlyMap<string, string>;
}
