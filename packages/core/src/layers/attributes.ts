// Shorthand attributes of layers: one number for both height and width, and 'same' padding. Ops receive explicit numbers.
import { ShapeError } from '../errors.ts';
import type { Value } from '../graph/value.ts';
import type { Fail } from '../ops/definition.ts';
import type { Pads, Pair, Window } from '../ops/window.ts';
import { rank4 } from '../ops/window.ts';
import type { Scope } from './scope.ts';

/** `3` for height and width, or `[vertical, horizontal]`. */
export type Size = number | Pair;

export function pair(size: Size): Pair {
  return typeof size === 'number' ? [size, size] : size;
}

/**
 * Pixels added around the input: `1` on all sides, `[vertical, horizontal]`, `[top, left, bottom, right]`, or `'same'`. With
 * `'same'` the output size is ceil(input / stride); the padding is split evenly, and an odd pixel goes to the bottom or the
 * right, as in TensorFlow's SAME and ONNX's SAME_UPPER.
 */
export type Padding = number | Pair | Pads | 'same';

/** A window whose padding is not resolved yet. */
export type Sliding = Omit<Window, 'pads'>;

/**
 * Resolves the padding of a window that slides over `x: [N, C, H, W]`.
 * @throws the error of `fail` for 'same' if x is not [N, C, H, W]
 */
export function pads(padding: Padding, x: Value, window: Sliding, fail: Fail): Pads {
  if (padding === 'same') {
    const [, , height, width] = rank4(x, 'images float32 [N, C, H, W]', fail);
    const [top, bottom] = same(height, 0, window);
    const [left, right] = same(width, 1, window);
    return [top, left, bottom, right];
  }
  return explicitPads(padding);
}

/** Expands padding to one number per side. */
export function explicitPads(padding: Exclude<Padding, 'same'>): Pads {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding.length === 4) return padding;
  const [vertical, horizontal] = padding;
  return [vertical, horizontal, vertical, horizontal];
}

/** Returns the number of pixels that 'same' adds before and after one axis of this size. */
function same(size: number, axis: 0 | 1, { kernel, strides, dilations }: Sliding): Pair {
  const stride = strides[axis];
  const reach = (kernel[axis] - 1) * dilations[axis] + 1;
  return halves((Math.ceil(size / stride) - 1) * stride + reach - size);
}

/** Splits a total evenly; an odd pixel goes to the second half. A negative total becomes 0. */
export function halves(total: number): Pair {
  const before = Math.max(0, Math.floor(total / 2));
  return [before, Math.max(0, total) - before];
}

/** Returns a factory for errors that read `<layer> "<path>": <message>`; the root scope has no path. */
export function failOf(layer: string, { path }: Scope): Fail {
  const where = path === '' ? layer : `${layer} "${path}"`;
  return (message) => new ShapeError(`${where}: ${message}`);
}
