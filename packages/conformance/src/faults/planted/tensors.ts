// Tensors made wrong: rounded, shifted, with zeros in them. Floats are float64, as the reference returns them.
import type { Tensor } from '@isonet/core';
import { sizeOf } from '@isonet/core';

/** A tensor of the same type with other values. */
export function valued(like: Tensor, valueAt: (index: number) => number): Tensor {
  const data = like.data.slice();
  for (let i = 0; i < data.length; i++) data[i] = valueAt(i);
  // A slice of a tensor's data fits its dtype; the union of all tensors cannot express that here.
  return { ...like, data } as Tensor;
}

/** -0 is 0 here, and NaN is NaN. */
export function sameData(x: Tensor, y: Tensor | undefined): boolean {
  if (x === y) return true;
  // A loop: there are tensors of millions here.
  for (let i = 0; i < x.data.length; i++) {
    const [a, b] = [x.data[i], y?.data[i]];
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
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i] ?? NaN);
    high = Math.max(high, data[i] ?? NaN);
  }
  return high > low && high - low < Math.abs(high + low) / 64;
}

export function oneFurther(x: Tensor): Tensor {
  const { data } = x;
  return valued(x, (i) => data[(i + 1) % data.length] ?? NaN);
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
  return valued(x, (i) => rounded(data[i] ?? NaN));
}

/** 0 at an index along an axis. */
export function zeroedAlong(x: Tensor, axis: number, index: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = x.shape[axis] ?? 1;
  return valued(x, (i) => (Math.floor(i / step) % dim === index ? 0 : (x.data[i] ?? NaN)));
}

/** What stands at an index along an axis goes `by` further, and from the end to the beginning. */
export function rolled(x: Tensor, axis: number, by: number): Tensor {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = x.shape[axis] ?? 1;
  return valued(x, (i) => {
    const index = Math.floor(i / step) % dim;
    return x.data[i + (((index - by + dim) % dim) - index) * step] ?? NaN;
  });
}
