// Helpers to write convolutions as matrix products: the condition for doing so, and the columns. The columns are the
// pixels under the filter at each of its positions, and are gathered with a table of pixels.
import type { AttrsOf, Pair, Shape4, ValueId } from '@isonet/core';
import { int32, scalar } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';
import { bytesOf, inPixels, pixelsOf, viewed } from './form.ts';

/** The window of a convolution. */
export type Window = Pick<AttrsOf<'conv2d'>, 'strides' | 'pads' | 'dilations' | 'groups'>;

/** The shapes of a convolution: `x: [N, C, H, W], w: [K, C / groups, KH, KW], y: [N, K, OH, OW]`. */
export interface Convolution {
  readonly x: Shape4;
  readonly w: Shape4;
  readonly y: Shape4;
  readonly window: Window;
}

/** With fewer images than this, the rows in pixels are too short for a Gather to pay off. */
const FEW_IMAGES = 8;

/** The maximum size of columns in bytes. Larger ones would fill the memory rather than the cache. */
const MANY_BYTES = 2 ** 29;

/**
 * Returns whether the convolution, or a gradient of it, is written as a product.
 * @param images the images that it reads: if they are already in pixels, a product pays off even for a few images
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

/** Returns whether each position of the filter covers a single pixel, in the order of the pixels. */
export function isPointwise([, , kh, kw]: Shape4, { strides, pads }: Window): boolean {
  return [kh, kw, ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
}

/**
 * Returns the columns of x: `[N, C, H, W] -> [1, C*KH*KW, OH*OW, N]`. They are shared within a pass but not between the forward and
 * the backward pass, which would keep the columns of all layers in memory at once.
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

/** Gathers rows of a value by a table of pixels, in which H*W stands for a pixel of zeros. `-> [1, C, table, N]` */
export function gathered(value: ValueId, table: readonly number[], writer: Writer): string {
  const [, , h, w] = writer.shape4(value);
  const source = table.includes(h * w) ? zeroEnded(value, writer) : pixelsOf(value, writer);
  return writer.emit('Gather', [source, writer.constant(int32([table.length], table))], { axis: 2 });
}

/** Appends a pixel of zeros: `[1, C, H*W + 1, N]`. */
function zeroEnded(value: ValueId, writer: Writer): string {
  const [n, c] = writer.shape4(value);
  return writer.once(value, 'with a pixel of zeros', (target, own) =>
    target.emit('Concat', [pixelsOf(own, target), filled(0, [1, c, 1, n], target)], { axis: 2 }),
  );
}

/** Fills a tensor with one number. */
export function filled(value: number, dims: readonly number[], writer: Writer): string {
  return writer.emit('Expand', [writer.constant(scalar(value)), writer.int64(dims)]);
}

/** Returns the pixel of x for each tap and position of the filter. */
function forwardTable(
  [, , h, w]: Shape4,
  [, , kh, kw]: Shape4,
  [, , oh, ow]: Shape4,
  { strides, pads, dilations }: Window,
): readonly number[] {
  const positions = (axis: 0 | 1, tap: number, count: number): readonly number[] =>
    upTo(count).map((position) => position * strides[axis] + tap * dilations[axis] - pads[axis]);
  return pairsOf(upTo(kh), upTo(kw)).flatMap(([p, q]) =>
    tableOf(positions(0, p, oh), positions(1, q, ow), [h, w]),
  );
}

/** Returns the pixels at all pairs of rows and columns. A pair outside the image maps to the pixel of zeros. */
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

/** Returns 0, 1, ..., count - 1. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}
