// The data of the cases, drawn by core's random generator from a name and a shape: the same on every machine and in every version.
import type { Shape, Tensor, TensorOf } from '@isonet/core';
import { bool, float32, int32, permutation, sizeOf, streamKey, uniformBlock } from '@isonet/core';
import { elementAt } from '../check/compare.ts';

const SEED = 20_131_216;

/** Returns values drawn uniformly from [0, 1), with 24 bits each. */
export function units(name: string, shape: Shape): Float32Array {
  return uniformBlock(SEED, streamKey(name), 0, 0, sizeOf(shape));
}

/** Returns integers in low..high, as float32. */
export function integers(name: string, shape: Shape, low = -4, high = 4): TensorOf<'float32'> {
  return float32(
    shape,
    units(name, shape).map((u) => low + Math.floor(u * (high - low + 1))),
  );
}

/** Returns integers in low..high, as int32. */
export function indices(name: string, shape: Shape, low = -4, high = 4): TensorOf<'int32'> {
  return int32(shape, Int32Array.from(integers(name, shape, low, high).data));
}

/** Returns booleans, about half of them true. */
export function coins(name: string, shape: Shape): TensorOf<'bool'> {
  return bool(
    shape,
    Array.from(units(name, shape), (u) => u < 0.5),
  );
}

/**
 * Returns real numbers in low..high with 24 significant bits even near 0, so few of their sums and products are
 * exact.
 */
export function reals(name: string, shape: Shape, low = -1, high = 1): TensorOf<'float32'> {
  const fine = units(`${name}, low bits`, shape);
  const values = Array.from(
    units(name, shape),
    (u, i) => low + (u + elementAt(fine, i) * 2 ** -24) * (high - low),
  );
  return float32(shape, values);
}

/** Returns distinct integers, half of them negative: no two values tie, and none are closer than 1. */
export function distinct(name: string, shape: Shape): TensorOf<'float32'> {
  const order = permutation(SEED, name, 0, sizeOf(shape));
  return float32(
    shape,
    Array.from(order, (rank) => rank - Math.floor(order.length / 2)),
  );
}

/** Returns a tensor with the same value everywhere. */
export function flat(shape: Shape, value: number): TensorOf<'float32'> {
  return float32(shape, new Float32Array(sizeOf(shape)).fill(value));
}

/** Returns the weights of the outputs in the loss: small integers, none of them 0. */
export function lossWeights(shape: Shape): Tensor {
  const { data } = integers('loss weights', shape, 1, 6);
  return float32(
    shape,
    data.map((value) => (value > 3 ? 3 - value : value)),
  );
}
