// An ONNX file as plain values: what decode.ts makes of its bytes, and what heads are taken off and put back on.
import type { HostTensor } from './hostTensor.ts';

/** A dimension: a number, or a name (`batch`); '' where the file says nothing. */
export type FileDim = number | string;

/** An input or output of the file's graph. */
export interface FileValue {
  readonly name: string;
  /** ONNX's element type, by its number; 0 where the file does not say. */
  readonly elementType: number;
  /** Undefined where the file does not say. */
  readonly dims: readonly FileDim[] | undefined;
}

/** What an attribute of each type holds. */
export interface AttributeValues {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
  readonly tensor: FileTensor;
  readonly graph: FileGraph;
  /** Of a type that is not read. */
  readonly other: undefined;
}

/** The type and value of an attribute. */
export type FileAttribute = {
  readonly [T in keyof AttributeValues]: { readonly type: T; readonly value: AttributeValues[T] };
}[keyof AttributeValues];

/** A node: one application of an ONNX operator. */
export interface FileNode {
  /** The file's own name of it, or one made of its first output. Unique within the file. */
  readonly name: string;
  /** '' is ONNX's own. */
  readonly domain: string;
  readonly opType: string;
  /** Names of values; '' for an optional input that is left out. */
  readonly inputs: readonly string[];
  /** Names of values; '' for an output that nobody wants. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, FileAttribute>;
}

/** A tensor in the file; its numbers are decoded when they are asked for. */
export interface FileTensor {
  readonly shape: readonly number[];
  /** ONNX's element type, by its number. */
  readonly elementType: number;
  /** Its numbers. @throws DataError `ONNX` for strings, complex numbers and other types that are not read */
  decode(): HostTensor;
}

/** A graph of the file: the network itself, or a branch of an If. */
export interface FileGraph {
  readonly name: string;
  readonly nodes: readonly FileNode[];
  readonly initializers: ReadonlyMap<string, FileTensor>;
  /** Those that are fed: initializers that are also listed as inputs, as up to IR 3, are left out. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/** An ONNX file. */
export interface OnnxFile {
  readonly irVersion: number;
  /** The version of each operator set, by domain; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  /** The program that wrote it, and its version: `pytorch 2.15.0`. */
  readonly producer: string;
  /** Functions that the file defines itself, which are not read: `domain.name`. */
  readonly functions: ReadonlySet<string>;
  readonly graph: FileGraph;
  readonly metadata: ReadonlyMap<string, string>;
}
