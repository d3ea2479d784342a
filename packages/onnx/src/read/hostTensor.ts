// Tensors that are known while a network is built: initializers, constants, and the results of shape arithmetic. The graph has
// no 64-bit integers, so ONNX's arithmetic on them happens here.
import type { Shape, Tensor } from '@isonet/core';
import { bool, DataError, float32, int32, shapeText } from '@isonet/core';

/** The kind of a value's elements. Floats of every width are `float`, integers of every width `int`. */
export type Kind = 'float' | 'int' | 'bool';

/** Floats, each a float32. `data` is row-major. */
export interface FloatTensor {
  readonly kind: 'float';
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Integers, or bools as 0 and 1. 64-bit integers beyond 2^53, such as "to the end" in a Slice, are rounded to a float64. */
export interface IntTensor {
  readonly kind: 'int' | 'bool';
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A tensor that is known while the network is built. */
export type HostTensor = FloatTensor | IntTensor;

/** Creates a tensor of the given kind. Floats are rounded to float32. */
export function hostTensor(kind: Kind, shape: Shape, data: ArrayLike<number>): HostTensor {
  if (kind !== 'float')
    return { kind, shape, data: data instanceof Float64Array ? data : Float64Array.from(data) };
  return { kind, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** Creates a vector of integers, such as a shape. `-> [values.length]` */
export function intVector(values: readonly number[]): HostTensor {
  return hostTensor('int', [values.length], values);
}

/**
 * Converts a tensor to a constant of the graph.
 * @throws DataError `ONNX` for an empty tensor, and for integers that do not fit in 32 bits
 */
export function graphTensor({ kind, shape, data }: HostTensor): Tensor {
  if (data.length === 0) {
    throw new DataError('ONNX', `expected a tensor with values, got ${kind} ${shapeText(shape)}`);
  }
  if (kind === 'float') return float32(shape, data);
  if (kind === 'bool') return bool(shape, Uint8Array.from(data));
  const large = data.find((value) => Math.abs(value) > 0x7fffffff);
  if (large !== undefined) throw new DataError('ONNX', `expected 32-bit integers in the graph, got ${large}`);
  return int32(shape, Int32Array.from(data));
}
