// The numbers of the cases: functions of a name and a shape, by core's generator, so that every machine and every year
// draws the same.
import type { Shape, Tensor, TensorOf } from '@isonet/core';
import { bool, float32, int32, permutation, sizeOf, streamKey, uniformBlock } from '@isonet/core';
import { numberAt } from '../check/compare.ts';

const SEED = 20_131_216;

/** Uniform in [0, 1), 24 bits each. */
export function units(name: string, shape: Shape): Float32Array {
  return uniformBlock(SEED, streamKey(name), 0, 0, sizeOf(shape));
}

/** Whole numbers in low..high. */
export function integers(name: string, shape: Shape, low = -4, high = 4): TensorOf<'float32'> {
  return float32(
    shape,
    units(name, shape).map((u) => low + Math.floor(u * (high - low + 1))),
  );
}

/** Whole numbers in low..high, as labels and indices are held. */
export function indices(name: string, shape: Shape, low = -4, high = 4): TensorOf<'int32'> {
  return int32(shape, Int32Array.from(integers(name, shape, low, high).data));
}

/** Truths and falsehoods, about as many of each. */
export function coins(name: string, shape: Shape): TensorOf<'bool'> {
  return bool(
    shape,
    Array.from(units(name, shape), (u) => u < 0.5),
  );
}

/** Real numbers in low..high, with 24 significant bits also near 0: few of their sums and products are exact. */
export function reals(name: string, shape: Shape, low = -1, high = 1): TensorOf<'float32'> {
  const fine = units(`${name}, low bits`, shape);
  const values = Array.from(
    units(name, shape),
    (u, i) => low + (u + numberAt(fine, i) * 2 ** -24) * (high - low),
  );
  return float32(shape, values);
}

/** Whole numbers that are all different, half of them negative: no ties, and a gap of 1 to every kink between two. */
export function distinct(name: string, shape: Shape): TensorOf<'float32'> {
  const order = permutation(SEED, name, 0, sizeOf(shape));
  return float32(
    shape,
    Array.from(order, (rank) => rank - Math.floor(order.length / 2)),
  );
}

/** One number everywhere. */
export function flat(shape: Shape, value: number): TensorOf<'float32'> {
  return float32(shape, new Float32Array(sizeOf(shape)).fill(value));
}

/** What the outputs are weighted by to make a loss of them: small whole numbers, none of them 0. */
export function lossWeights(shape: Shape): Tensor {
  const { data } = integers('loss weights', shape, 1, 6);
  return float32(
    shape,
    data.map((value) => (value > 3 ? 3 - value : value)),
  );
}
