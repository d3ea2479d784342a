import { dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../src/check/compare.js';
/** A tensor of the same type with other values. */
export function valued(like, valueAt) {
  // What comes of an array of numbers fits the dtype that it had; the union of all tensors cannot express that here.
  return { ...like, data: like.data.map(valueAt) };
}
/** The same numbers in other places: at each, the one that lies `from` there. */
export function moved(like, from) {
  const { data } = like;
  return valued(like, (_, i) => numberAt(data, from(i)));
}
/** -0 is 0 here, and NaN is NaN. */
export function sameData(x, y) {
  if (x === y) return true;
  // A loop: there are tensors of millions here.
  for (let i = 0; i < x.data.length; i++) {
    const [a, b] = [x.data[i], y.data[i]];
    if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return false;
  }
  return true;
}
export function isOneNumber(x) {
  const [first] = x.data;
  return x.data.every((value) => value === first);
}
export function isZero({ data }) {
  return data.every((value) => value === 0);
}
/** Whether different numbers have so much in common that their differences lost digits before anything was computed. */
export function areFarFrom0({ data }) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low && high - low < Math.abs(high + low) / 64;
}
export function oneFurther(x) {
  return moved(x, (i) => (i + 1) % x.data.length);
}
/** Rounded to so many significant bits by Veltkamp's splitting (Dekker 1971); the tensor itself where that changes nothing. */
export function inBits(x, bits) {
  const { dtype, data } = x;
  const scale = 2 ** (53 - bits);
  const rounded = (value) => {
    const scaled = value * scale;
    return Number.isFinite(scaled) ? scaled - (scaled - value) : value;
  };
  const isRounded = (value) => rounded(value) === value;
  if (dtype !== 'float64' || data.every(isRounded)) return x;
  return valued(x, rounded);
}
/** 0 at an index along an axis. */
export function zeroedAlong(x, axis, index) {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = dimOf(x.shape, axis);
  return valued(x, (value, i) => (Math.floor(i / step) % dim === index ? 0 : value));
}
/** 0 at the last index along an axis. */
export function withoutLast(x, axis) {
  return zeroedAlong(x, axis, dimOf(x.shape, axis) - 1);
}
/** What stands at an index along an axis goes `by` further, and from the end to the beginning. */
export function rolled(x, axis, by) {
  const step = sizeOf(x.shape.slice(axis + 1));
  const dim = dimOf(x.shape, axis);
  return moved(x, (i) => {
    const index = Math.floor(i / step) % dim;
    return i + (((index - by + dim) % dim) - index) * step;
  });
}
//# sourceMappingURL=tensors.js.map
