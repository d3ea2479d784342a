// Pooling along one axis of an image in pixels. A two-dimensional window is pooled along the columns of every row, and
// then along the rows. With the other axes merged, both steps pool the same shape along L:
// `[1, A, L, B]`.
import type { MaxPool2dAttrs, Pair, Shape4 } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import type { Writer } from '../writer/writer.ts';
import { filled } from './columns.ts';
import { viewed } from './form.ts';

/** Windows along one axis. */
export interface Line {
  /** The product of the sizes of the axes before the pooled one (`outer`), and of those after it (`inner`). */
  readonly outer: number;
  readonly inner: number;
  readonly length: number;
  readonly windows: number;
  readonly kernel: number;
  readonly stride: number;
  /** Padding before the first element and after the last. */
  readonly pads: Pair;
}

/** Returns the two axes of a pooling: along the columns of every row of x, then along the rows of that result. */
export function linesOf(
  [n, c, h, w]: Shape4,
  [, , oh, ow]: Shape4,
  { kernel, strides, pads: [top, left, bottom, right] }: MaxPool2dAttrs,
): readonly [across: Line, down: Line] {
  return [
    {
      outer: c * h,
      inner: n,
      length: w,
      windows: ow,
      kernel: kernel[1],
      stride: strides[1],
      pads: [left, right],
    },
    {
      outer: c,
      inner: ow * n,
      length: h,
      windows: oh,
      kernel: kernel[0],
      stride: strides[0],
      pads: [top, bottom],
    },
  ];
}

/** Returns whether the pooling is the identity along the axis. */
export function isIdentity({ kernel, stride, pads }: Line): boolean {
  return kernel === 1 && stride === 1 && pads.every((n) => n === 0);
}

/** Returns the dims of the input and the result of a pooling. */
export function lineDims({ outer, inner, length, windows }: Line): {
  readonly x: Shape4;
  readonly y: Shape4;
} {
  return { x: [1, outer, length, inner], y: [1, outer, windows, inner] };
}

/** Pools by MaxPool or AveragePool along the axis. `x: any shape with the size of [1, A, L, B] -> [A, 1, O, B]` */
export function pooled(
  opType: 'MaxPool' | 'AveragePool',
  x: string,
  line: Line,
  writer: Writer,
  attrs: Readonly<Record<string, number>> = {},
): string {
  if (isIdentity(line)) return x;
  const { outer, inner, length, kernel, stride, pads } = line;
  const window = { kernel_shape: [kernel, 1], strides: [stride, 1], pads: [pads[0], 0, pads[1], 0] };
  // One channel per image, because ONNX Runtime would convert many channels to its own layout and back.
  const images = viewed(x, [outer, 1, length, inner], writer);
  return writer.emit(opType, [images], { ...window, ...attrs });
}

/**
 * Returns the values at the first `count` positions of each window, with -Infinity outside the axis.
 * `x: [1, A, L, B] -> count times [1, A, O, B]`
 */
export function seen(x: string, line: Line, count: number, writer: Writer): readonly string[] {
  const { length, windows, stride, pads } = line;
  const reach = (windows - 1) * stride + 1;
  const after = Math.max(0, reach + count - 1 - pads[0] - length);
  const padded = framed(x, line, { before: pads[0], after, value: -Infinity }, writer);
  return Array.from({ length: count }, (_, tap) => {
    const bounds = [[tap], [tap + reach], [2], [stride]].map((list) => writer.int64(list));
    return writer.emit('Slice', [padded, ...bounds]);
  });
}

/**
 * Sends the value of each window to its first position that holds the maximum y. The last position, which is not among
 * `positions`, receives the value if no earlier one does. Multiplying by 0 or 1 is twice as fast as Where, but a
 * nonfinite value leaves NaN at the other positions.
 */
export function sharedOut(
  positions: readonly string[],
  y: string,
  value: string,
  writer: Writer,
): readonly string[] {
  let left = value;
  const shares = positions.map((position) => {
    const here = writer.emit('Cast', [writer.emit('Equal', [position, y])], { to: elementTypes.float32 });
    const share = writer.emit('Mul', [left, here]);
    left = writer.emit('Sub', [left, share]);
    return share;
  });
  return [...shares, left];
}

/**
 * Adds up the values that each window sends to its positions: `kernel times [1, A, O, B] -> [1, A, L, B]`. With a
 * stride, positions with the same remainder form a phase; phases are summed separately and then interleaved.
 */
export function spread(sent: readonly string[], line: Line, writer: Writer): string {
  const { outer, inner, windows, stride, pads } = line;
  const further = Math.ceil(sent.length / stride) - 1;
  const rows = windows + further;
  const shifted = (name: string, by: number): string =>
    framed(name, line, { before: by, after: further - by, value: 0 }, writer);
  const phases = Array.from({ length: stride }, (_, phase) => {
    const terms = sent.flatMap((name, tap) =>
      tap % stride === phase ? [shifted(name, (tap - phase) / stride)] : [],
    );
    return terms.length === 0
      ? filled(0, [1, outer, rows, inner], writer)
      : terms.reduce((sum, term) => writer.emit('Add', [sum, term]));
  });
  const [only] = phases;
  const whole =
    only !== undefined && phases.length === 1
      ? only
      : viewed(writer.emit('Concat', phases, { axis: 3 }), [1, outer, rows * stride, inner], writer);
  return cropped(whole, rows * stride, { ...line, start: pads[0] }, writer);
}

/** Adds rows filled with one number before and after a value. Concat is faster than Pad here. */
function framed(
  name: string,
  { outer, inner }: Line,
  { before, after, value }: { readonly before: number; readonly after: number; readonly value: number },
  writer: Writer,
): string {
  const rows = (count: number): readonly string[] =>
    count === 0 ? [] : [filled(value, [1, outer, count, inner], writer)];
  const parts = [...rows(before), name, ...rows(after)];
  return parts.length === 1 ? name : writer.emit('Concat', parts, { axis: 2 });
}

/** Crops a value to the rows of the axis, and appends zeros if it has too few. */
function cropped(
  name: string,
  rows: number,
  line: Line & { readonly start: number },
  writer: Writer,
): string {
  const { start, length } = line;
  const end = Math.min(rows, start + length);
  const all = start === 0 && end === rows;
  const bounds = all ? [] : [[start], [end], [2]].map((list) => writer.int64(list));
  const cut = all ? name : writer.emit('Slice', [name, ...bounds]);
  return framed(cut, line, { before: 0, after: length - (end - start), value: 0 }, writer);
}
