// Tensors that are known while a network is built: initializers, constants, and the arithmetic of shapes. The graph has no
// 64-bit integers, so whatever ONNX computes with them is computed here.
import type { Shape, Tensor } from '@isonet/core';
import { bool, DataError, float32, int32, shapeText } from '@isonet/core';

/** What a value's numbers are. Every width of float is `float`, every width of integer `int`. */
export type Kind = 'float' | 'int' | 'bool';

/** Floats, each a float32. `data` is row-major. */
export interface FloatTensor {
  readonly kind: 'float';
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Integers, or bools as 0 and 1. 64-bit integers beyond 2^53, such as "to the end" of a Slice, are rounded to a float64. */
export interface IntTensor {
  readonly kind: 'int' | 'bool';
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A tensor that is known while the network is built. */
export type HostTensor = FloatTensor | IntTensor;

/** A tensor of the given kind; floats are rounded to float32. */
export function hostTensor(kind: Kind, shape: Shape, data: ArrayLike<number>): HostTensor {
  if (kind !== 'float')
    return { kind, shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
  return { kind, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** A vector of integers, such as a shape. `-> [values.length]` */
export function intVector(values: readonly number[]): HostTensor {
  return hostTensor('int', [values.length], values);
}

/**
 * The tensor as a constant of a graph.
 * @throws DataError `ONNX` for one without values, and for integers that do not fit 32 bits
 */
export function graphTensor({ kind, shape, data }: HostTensor): Tensor {
  if (data.length === 0) {
    throw new DataError('ONNX', `expected a tensor with values, got ${kind} ${shapeText(shape)}`);
  }
  if (kind === 'float') return float32(shape, data);
  if (kind === 'bool') return bool(shape, Uint8Array.from(data));
  const large = data.find((value) => Math.abs(value) > 0x7fffffff);
  if (large !== undefined)
    throw new DataError('ONNX', `expected integers of 32 bits in the graph, got ${large}`);
  return int32(shape, Int32Array.from(data));
}
