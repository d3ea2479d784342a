// Convolutions as matrix products: which of them are written so, and the columns that they multiply by: what the filter sees of
// the image at each of its places, gathered by a table of pixels.
import type { AttrsOf, Pair, Shape4, ValueId } from '@isonet/core';
import { int32, scalar } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';
import { bytesOf, inPixels, pixelsOf, viewed } from './form.ts';

/** The window of a convolution. */
export type Window = Pick<AttrsOf<'conv2d'>, 'strides' | 'pads' | 'dilations' | 'groups'>;

/** Shapes of a convolution: `x: [N, C, H, W], w: [K, C / groups, KH, KW], y: [N, K, OH, OW]`. */
export interface Convolution {
  readonly x: Shape4;
  readonly w: Shape4;
  readonly y: Shape4;
  readonly window: Window;
}

/** With fewer images a row of the form is too short for a Gather to pay. */
const FEW_IMAGES = 8;

/** Columns of more bytes than this are not made: they would fill the memory, not the cache. */
const MANY_BYTES = 2 ** 29;

/**
 * True where the convolution, or a gradient of it, is written as a product.
 * @param images what it reads: in pixels already, a few images pay, too
 */
export function isProduct(
  { x, w, y, window: { groups } }: Convolution,
  images: ValueId,
  writer: Writer,
): boolean {
  const [n, c] = x;
  const [, , kh, kw] = w;
  const [, , oh, ow] = y;
  const pays = n >= FEW_IMAGES || inPixels(images, writer);
  return groups === 1 && pays && bytesOf([c * kh * kw, oh * ow, n]) <= MANY_BYTES;
}

/** True where each place of the filter is one pixel, in the same order. */
export function isPointwise([, , kh, kw]: Shape4, { strides, pads }: Window): boolean {
  return [kh, kw, ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
}

/**
 * `x: [N, C, H, W] -> [1, C*KH*KW, OH*OW, N]`, made once for all of a pass that read it: kept from the forward pass to the backward
 * pass, the columns of all layers would be in memory at once.
 */
export function columnsOf(
  x: ValueId,
  { x: shape, w, y, window }: Convolution,
  pass: 'forward' | 'backward',
  writer: Writer,
): string {
  const [, c] = shape;
  const [, , kh, kw] = w;
  const [n, , oh, ow] = y;
  if (isPointwise(w, window)) return pixelsOf(x, writer);
  const { strides, pads, dilations } = window;
  const what = `columns ${pass} ${JSON.stringify([kh, kw, strides, pads, dilations])}`;
  return writer.once(x, what, (target, value) => {
    const table = forwardTable(shape, w, y, window);
    return viewed(gathered(value, table, target), [1, c * kh * kw, oh * ow, n], target);
  });
}

/** Rows of a value by a table of pixels, in which H*W is a pixel of zeros behind the last. `-> [1, C, table, N]` */
export function gathered(value: ValueId, table: readonly number[], writer: Writer): string {
  const [, , h, w] = writer.shape4(value);
  const source = table.includes(h * w) ? zeroEnded(value, writer) : pixelsOf(value, writer);
  return writer.emit('Gather', [source, writer.constant(int32([table.length], table))], { axis: 2 });
}

/** `[1, C, H*W + 1, N]`: a pixel of zeros behind the last. */
function zeroEnded(value: ValueId, writer: Writer): string {
  const [n, c] = writer.shape4(value);
  return writer.once(value, 'a pixel of zeros behind', (target, own) =>
    target.emit('Concat', [pixelsOf(own, target), filled(0, [1, c, 1, n], target)], { axis: 2 }),
  );
}

/** One number everywhere. */
export function filled(value: number, dims: readonly number[], writer: Writer): string {
  return writer.emit('Expand', [writer.constant(scalar(value)), writer.int64(dims)]);
}

/** Pixels of x by tap and place of the filter. */
function forwardTable(
  [, , h, w]: Shape4,
  [, , kh, kw]: Shape4,
  [, , oh, ow]: Shape4,
  { strides, pads, dilations }: Window,
): readonly number[] {
  const places = (axis: 0 | 1, tap: number, count: number): readonly number[] =>
    upTo(count).map((place) => place * strides[axis] + tap * dilations[axis] - pads[axis]);
  return pairsOf(upTo(kh), upTo(kw)).flatMap(([p, q]) => tableOf(places(0, p, oh), places(1, q, ow), [h, w]));
}

/** Pixels at all pairs of rows and columns; those outside are the pixel of zeros. */
export function tableOf(
  rows: readonly number[],
  columns: readonly number[],
  [h, w]: Pair,
): readonly number[] {
  return pairsOf(rows, columns).map(([i, j]) => (i >= 0 && i < h && j >= 0 && j < w ? i * w + j : h * w));
}

export function pairsOf<A, B>(first: readonly A[], second: readonly B[]): readonly (readonly [A, B])[] {
  return first.flatMap((a) => second.map((b) => [a, b] as const));
}

/** 0, 1, ..., count - 1 */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}
