// Per-channel scaling and sums over a channel's pixels, as depthwise convolutions. The layout's Conv is vectorized and multithreaded;
// broadcasting in spans of one block is not.
import type { Shape4 } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { emitBlocked, repeatedFilter, roundUp, view } from './layout.ts';

/** Images with more pixels are summed row by row first: a long float32 sum has more rounding error, and needs a large filter. */
const MAX_PIXELS = 1024;

/** The scaling of each channel. All names refer to values in the layout. */
export interface Scaling {
  /** The factors: `[Cp]` elements, in any shape. */
  readonly scale: string;
  /** The shifts: `[Cp]` */
  readonly shift?: string;
  /** A tensor to add: `[N, Cp, H, W]` */
  readonly sum?: string;
  readonly relu?: boolean;
}

/** Writes `x * scale + shift + sum`, optionally with a ReLU. `x: [N, Cp, H, W] -> [N, Cp, H, W]`, where `channels` is Cp */
export function scaleChannels(writer: Writer, x: string, channels: number, scaling: Scaling): string {
  const { scale, shift, sum, relu = false } = scaling;
  const filter = view(writer, scale, [channels, 1, 1, 1]);
  const added = sum === undefined ? [] : [sum];
  const operands = [x, filter, ...(shift === undefined && sum === undefined ? [] : [shift ?? '']), ...added];
  return depthwise(writer, operands, channels, { kernel: [1, 1], relu });
}

/** Writes the sum over the pixels of each channel of each image. `x: [N, Cp, H, W] -> [N, Cp, 1, 1]` */
export function channelSums(writer: Writer, x: string, [n, c, h, w]: Shape4, layout: Layout): string {
  if (h * w === 1) return x;
  if (h > 1 && h * w > MAX_PIXELS)
    return channelSums(writer, rowSums(writer, x, [n, c, h, w], layout), [n, c, h, 1], layout);
  const channels = roundUp(c, layout.block);
  const ones = repeatedFilter(
    writer,
    layout,
    channels,
    [h, w],
    Array.from({ length: h * w }, () => 1),
  );
  return depthwise(writer, [x, ones], channels, { kernel: [h, w] });
}

/**
 * Writes the sum of products over the pixels of each channel of each image: a convolution of x with y as its filter,
 * which treats all images as channels of a single image. `x, y: [N, Cp, H, W] -> [N, Cp, 1, 1]`
 */
export function channelProducts(
  writer: Writer,
  x: string,
  y: string,
  [n, c, h, w]: Shape4,
  layout: Layout,
): string {
  const channels = n * roundUp(c, layout.block);
  if (h > 1 && h * w > MAX_PIXELS) {
    // In memory, a row of a block looks like a separate block.
    const rows = [1, channels * h, 1, w];
    const filters = view(writer, y, [channels * h, 1, 1, w]);
    const sums = depthwise(writer, [view(writer, x, rows), filters], channels * h, { kernel: [1, w] });
    return channelSums(writer, view(writer, sums, [n, channels / n, h, 1]), [n, c, h, 1], layout);
  }
  const image = view(writer, x, [1, channels, h, w]);
  const filter = view(writer, y, [channels, 1, h, w]);
  const sums = depthwise(writer, [image, filter], channels, { kernel: [h, w] });
  return view(writer, sums, [n, channels / n, 1, 1]);
}

/** Writes the sum of each row. `x: [N, Cp, H, W] -> [N, Cp, H, 1]` */
function rowSums(writer: Writer, x: string, [, c, , w]: Shape4, layout: Layout): string {
  const channels = roundUp(c, layout.block);
  const ones = repeatedFilter(
    writer,
    layout,
    channels,
    [1, w],
    Array.from({ length: w }, () => 1),
  );
  return depthwise(writer, [x, ones], channels, { kernel: [1, w] });
}

export interface Depthwise {
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  /** The pads: top, left, bottom, right. */
  readonly pads?: readonly number[];
  readonly relu?: boolean;
}

/** Writes a depthwise Conv. @param operands x, a filter `[channels, 1, ...kernel]`, and optionally a bias and a sum */
export function depthwise(
  writer: Writer,
  operands: readonly string[],
  channels: number,
  { kernel, strides = [1, 1], pads = [0, 0, 0, 0], relu = false }: Depthwise,
): string {
  return emitBlocked(writer, 'Conv', operands, {
    kernel_shape: kernel,
    strides,
    pads,
    dilations: [1, 1],
    group: channels,
    ...(relu ? { activation: 'Relu' } : {}),
  });
}
