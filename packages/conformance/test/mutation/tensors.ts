// Modified tensors: rounded, shifted, or with zeros. Floats are float64, as the reference returns them.
import type { Tensor } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';

/** Returns the tensor with its floats in float64. */
export function inFloat64(x: Tensor): Tensor {
  if (x.dtype !== 'float32') return x;
  return { dtype: 'float64', shape: x.shape, data: Float64Array.from(x.data) };
}

/** Returns a tensor of the same type with new values. */
export function valued(like: Tensor, valueAt: (value: number, index: number) => number): Tensor {
  // `map` keeps the kind of the array; the union of all tensors cannot express that.
  return { ...like, data: like.data.map(valueAt) } as Tensor;
}

/** Returns the same values in a new order: at each index, the value at `from(index)`. */
export function moved(like: Tensor, from: (index: number) => number): Tensor {
  const { data } = like;
  return valued(like, (_, i) => elementAt(data, from(i)));
}

/** Returns whether two tensors have the same values. 0 equals -0, and NaN equals NaN. */
export function sameData(x: Tensor, y: Tensor): boolean {
  if (x === y) return true;
  // A loop: some tensors have millions of values.
  for (let i = 0; i < x.data.length; i++) {
    const [a, b] = [x.data[i], y.data[i]];
    if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return false;
  }
  return true;
}

export function hasOneValue(x: Tensor): boolean {
  const [first] = x.data;
  return x.data.every((value) => value === first);
}

export function isZero({ data }: Tensor): boolean {
  return data.every((value) => value === 0);
}

/**
 * Returns whether the values differ so little, relative to their size, that their differences lose digits before any
 * computation.
 */
export function areFarFrom0({ data }: Tensor): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low && high - low < Math.abs(high + low) / 64;
}

export function shiftedByOne(x: Tensor): Tensor {
  return moved(x, (i) => (i + 1) % x.data.length);
}

/**
 * Rounds to `bits` significant bits by Veltkamp's splitting (Dekker 1971); returns the tensor itself if nothing
 * changes.
 */
export function inBits(x: Tensor, bits: number): Tensor {
  const { dtype, data } = x;
  const scale = 2 ** (53 - bits);
  const rounded = (value: number): number => {
    const scaled = value * scale;
    return Number.isFinite(scaled) ? scaled - (scaled - value) : value;
  };
  const isRounded = (value: number): boolean => rounded(value) === value;
  if (dtype !== 'float64' || data.every(isRounded)) return x;
  return valued(x, rounded);
}

/** Returns the tensor with zeros at one index along an axis. */
export function zeroedAlong(x: Tensor, axis: number, index: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = dimOf(x.shape, axis);
  return valued(x, (value, i) => (Math.floor(i / step) % dim === index ? 0 : value));
}

/** Returns the tensor with zeros at the last index along an axis. */
export function withoutLast(x: Tensor, axis: number): Tensor {
  return zeroedAlong(x, axis, dimOf(x.shape, axis) - 1);
}

/** Shifts the values along an axis by `by` positions; values shifted out at the end wrap around to the start. */
export function rolled(x: Tensor, axis: number, by: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = dimOf(x.shape, axis);
  return moved(x, (i) => {
    const index = Math.floor(i / step) % dim;
    return i + (((index - by + dim) % dim) - index) * step;
  });
}

/** x with each value raised slightly above the one before: the last of several equal values becomes the largest. */
export function rising(x: Tensor): Tensor {
  return valued(x, (value, i) => value + i * 1e-9);
}
