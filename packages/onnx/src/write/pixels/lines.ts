// Pooling along one axis of an image in pixels. A window of rows and columns is a window of columns in every row and then one of
// rows, and both axes look alike when the others are run together: `[1, A, L, B]`, pooled along L.
import type { MaxPool2dAttrs, Pair, Shape4 } from '@isonet/core';
import { scalar } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';
import { zeros } from './columns.ts';
import { viewed } from './form.ts';

/** Windows along one axis. */
export interface Line {
  /** What lies outside of the axis, and how many numbers lie together. */
  readonly outer: number;
  readonly inner: number;
  readonly length: number;
  readonly windows: number;
  readonly kernel: number;
  readonly stride: number;
  /** Padding before the first and behind the last. */
  readonly pads: Pair;
}

/** The two axes of a pooling: along the columns of every row of x, and then along the rows of what that gives. */
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

/** True where nothing is pooled along the axis. */
export function isWhole({ kernel, stride, pads }: Line): boolean {
  return kernel === 1 && stride === 1 && pads.every((n) => n === 0);
}

/** The dims of what is pooled, and of what that gives. */
export function lineDims({ outer, inner, length, windows }: Line): {
  readonly x: Shape4;
  readonly y: Shape4;
} {
  return { x: [1, outer, length, inner], y: [1, outer, windows, inner] };
}

/** Pools by MaxPool or AveragePool along the axis. `x: as many numbers as [1, A, L, B] -> [1, A, O, B]` */
export function pooled(
  opType: 'MaxPool' | 'AveragePool',
  x: string,
  line: Line,
  writer: Writer,
  attrs: Readonly<Record<string, number>> = {},
): string {
  if (isWhole(line)) return x;
  const { kernel, stride, pads } = line;
  const window = { kernel_shape: [kernel, 1], strides: [stride, 1], pads: [pads[0], 0, pads[1], 0] };
  return writer.emit(opType, [viewed(x, lineDims(line).x, writer)], { ...window, ...attrs });
}

/**
 * What each window sees at each of its places, of values that are -Infinity outside of the axis.
 * `x: [1, A, L, B] -> kernel times [1, A, O, B]`
 */
export function seen(x: string, line: Line, writer: Writer): readonly string[] {
  const { length, windows, kernel, stride, pads } = line;
  const reach = (windows - 1) * stride + 1;
  const behind = Math.max(0, reach + kernel - 1 - pads[0] - length);
  const low = writer.constant(scalar(-Infinity));
  const padded =
    pads[0] > 0 || behind > 0
      ? writer.emit('Pad', [x, writer.int64([0, 0, pads[0], 0, 0, 0, behind, 0]), low])
      : x;
  return Array.from({ length: kernel }, (_, tap) => {
    const bounds = [[tap], [tap + reach], [2], [stride]].map((list) => writer.int64(list));
    return writer.emit('Slice', [padded, ...bounds]);
  });
}

/**
 * For each of a window's places but the last, whether the maximum is seen there and at none before; for the last, whether it is
 * seen at none before. Of a single place: nothing.
 */
export function firstMaxima(places: readonly string[], y: string, writer: Writer): readonly string[] {
  const equal = places.slice(0, -1).map((place) => writer.emit('Equal', [place, y]));
  let unseen: string | undefined;
  const first = equal.map((here) => {
    const found = unseen === undefined ? here : writer.emit('And', [here, unseen]);
    // What is found was unseen before.
    unseen = unseen === undefined ? writer.emit('Not', [here]) : writer.emit('Xor', [unseen, found]);
    return found;
  });
  return unseen === undefined ? first : [...first, unseen];
}

/**
 * Adds what each window sends to each of its places: `kernel times [1, A, O, B] -> [1, A, L, B]`. With a stride, places of equal
 * remainder are added up side by side and then take turns.
 */
export function spread(sent: readonly string[], line: Line, writer: Writer): string {
  const { outer, inner, length, windows, stride, pads } = line;
  const further = Math.ceil(sent.length / stride) - 1;
  const rows = windows + further;
  const phases = Array.from({ length: stride }, (_, phase) => {
    const terms = sent.flatMap((name, tap) =>
      tap % stride === phase ? [shifted(name, (tap - phase) / stride, further, writer)] : [],
    );
    return terms.length === 0
      ? zeros([1, outer, rows, inner], writer)
      : terms.reduce((sum, term) => writer.emit('Add', [sum, term]));
  });
  const [only] = phases;
  const whole =
    only !== undefined && phases.length === 1
      ? only
      : viewed(writer.emit('Concat', phases, { axis: 3 }), [1, outer, rows * stride, inner], writer);
  return cropped(whole, rows * stride, { start: pads[0], length }, writer);
}

/** Moved back by some rows, among rows of zeros. */
function shifted(name: string, by: number, further: number, writer: Writer): string {
  return further === 0
    ? name
    : writer.emit('Pad', [name, writer.int64([0, 0, by, 0, 0, 0, further - by, 0])]);
}

/** Rows from `start` on; zeros behind the last. */
function cropped(
  name: string,
  rows: number,
  { start, length }: { readonly start: number; readonly length: number },
  writer: Writer,
): string {
  if (start === 0 && rows === length) return name;
  const end = Math.min(rows, start + length);
  const bounds = [[start], [end], [2]].map((list) => writer.int64(list));
  const cut = start > 0 || end < rows ? writer.emit('Slice', [name, ...bounds]) : name;
  const missing = length - (end - start);
  return missing === 0 ? cut : writer.emit('Pad', [cut, writer.int64([0, 0, 0, 0, 0, 0, missing, 0])]);
}
