// Helpers to write the gradients of 1x1 convolutions as matrix products with one pixel per row: the condition for doing
// so, and the reshaping.
import type { Conv2dAttrs, Shape4, ValueId } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

/** Returns whether a convolution is 1x1 with stride 1, no padding and one group. */
export function isPointwise(
  [, , kh, kw]: Shape4,
  { strides, pads, groups }: Pick<Conv2dAttrs, 'strides' | 'pads' | 'groups'>,
): boolean {
  return [groups, kh, kw, ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
}

/** `[N, C, H, W] -> [N * H * W, C]` */
export function pixelsOf(value: ValueId, writer: Writer): string {
  const [n, c, h, w] = writer.shape4(value);
  if (h * w === 1) return writer.emit('Reshape', [writer.full(value), writer.int64([n, c])]);
  const channelsLast = writer.emit('Transpose', [writer.full(value)], { perm: [0, 2, 3, 1] });
  return writer.emit('Reshape', [channelsLast, writer.int64([n * h * w, c])]);
}

/** `[N * H * W, C] -> [N, C, H, W]` */
export function imagesOf(pixels: string, [n, c, h, w]: Shape4, writer: Writer): string {
  if (h * w === 1) return writer.emit('Reshape', [pixels, writer.int64([n, c, 1, 1])]);
  const channelsLast = writer.emit('Reshape', [pixels, writer.int64([n, h, w, c])]);
  return writer.emit('Transpose', [channelsLast], { perm: [0, 3, 1, 2] });
}
