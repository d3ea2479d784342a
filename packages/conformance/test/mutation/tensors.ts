// Tensors made wrong: rounded, shifted, with zeros in them. Floats are float64, as the reference returns them.
import type { Tensor } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../src/check/compare.ts';

/** A tensor of the same type with other values. */
export function valued(like: Tensor, valueAt: (value: number, index: number) => number): Tensor {
  // What comes of an array of numbers fits the dtype that it had; the union of all tensors cannot express that here.
  return { ...like, data: like.data.map(valueAt) } as Tensor;
}

/** The same numbers in other places: at each, the one that lies `from` there. */
export function moved(like: Tensor, from: (index: number) => number): Tensor {
  const { data } = like;
  return valued(like, (_, i) => numberAt(data, from(i)));
}

/** -0 is 0 here, and NaN is NaN. */
export function sameData(x: Tensor, y: Tensor): boolean {
  if (x === y) return true;
  // A loop: there are tensors of millions here.
  for (let i = 0; i < x.data.length; i++) {
    const [a, b] = [x.data[i], y.data[i]];
    if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return false;
  }
  return true;
}

export function isOneNumber(x: Tensor): boolean {
  const [first] = x.data;
  return x.data.every((value) => value === first);
}

export function isZero({ data }: Tensor): boolean {
  return data.every((value) => value === 0);
}

/** Whether different numbers have so much in common that their differences lost digits before anything was computed. */
export function areFarFrom0({ data }: Tensor): boolean {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low && high - low < Math.abs(high + low) / 64;
}

export function oneFurther(x: Tensor): Tensor {
  return moved(x, (i) => (i + 1) % x.data.length);
}

/** Rounded to so many significant bits by Veltkamp's splitting (Dekker 1971); the tensor itself where that changes nothing. */
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

/** 0 at an index along an axis. */
export function zeroedAlong(x: Tensor, axis: number, index: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = dimOf(x.shape, axis);
  return valued(x, (value, i) => (Math.floor(i / step) % dim === index ? 0 : value));
}

/** 0 at the last index along an axis. */
export function withoutLast(x: Tensor, axis: number): Tensor {
  return zeroedAlong(x, axis, dimOf(x.shape, axis) - 1);
}

/** What stands at an index along an axis goes `by` further, and from the end to the beginning. */
export function rolled(x: Tensor, axis: number, by: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = dimOf(x.shape, axis);
  return moved(x, (i) => {
    const index = Math.floor(i / step) % dim;
    return i + (((index - by + dim) % dim) - index) * step;
  });
}
