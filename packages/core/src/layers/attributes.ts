// How layers are written by hand: one number where height and width agree. Ops get explicit numbers.
import type { Pads, Pair } from '../ops/window.ts';

/** `3` in both directions, or `[vertical, horizontal]`. */
export type Size = number | Pair;

export function pair(size: Size): Pair {
  return typeof size === 'number' ? [size, size] : size;
}

/** `1` on all sides, `[vertical, horizontal]`, or `[top, left, bottom, right]`. */
export type Padding = number | Pair | Pads;

export function pads(padding: Padding): Pads {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding.length === 4) return padding;
  const [vertical, horizontal] = padding;
  return [vertical, horizontal, vertical, horizontal];
}
