// The position of each pooling window's maximum, without MaxPool's indices: the first tap whose element equals the pool's result.
import type { MaxPool2dAttrs, Pair, ValueId } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { pixelsOfWindows } from './tables.ts';

/** The most negative finite float32. */
const LOWEST = -3.402_823_466_385_288_6e38;

/**
 * Writes the rank of each window's first maximum.
 * @returns the name of `[N, C, 1, OH * OW]`: the rank as float32, from the number of taps for the first tap down to 1 for the last; 0 if
 *   no tap equals the result
 */
export function firstMaxima(writer: Writer, x: ValueId, y: ValueId, attrs: MaxPool2dAttrs): string {
  const [n, c, oh, ow] = writer.shape4(y);
  const read = readWindows(writer, x, [oh, ow], attrs, LOWEST);
  const largest = writer.emit('Reshape', [writer.full(y), writer.int64([n, c, 1, oh * ow])]);
  const isMaximum = writer.emit('Equal', [read, largest]);
  const ranked = writer.emit('Where', [isMaximum, ranks(writer, attrs), writer.constant(scalar(0))]);
  return writer.emit('ReduceMax', [ranked], { axes: [2], keepdims: 1 });
}

/**
 * Writes the elements that the windows of a pooling read from an image, by tap: `[N, C, taps, OH * OW]`.
 * @param outside the value of the padding
 */
export function readWindows(
  writer: Writer,
  image: ValueId,
  [oh, ow]: Pair,
  attrs: MaxPool2dAttrs,
  outside: number,
): string {
  const [n, c, h, w] = writer.shape4(image);
  const table = pixelsOfWindows([h, w], [oh, ow], { ...attrs, dilations: [1, 1] });
  const pixels = writer.emit('Reshape', [writer.full(image), writer.int64([n, c, h * w])]);
  return gather(writer, pixels, [n, c, h * w], table, [sizeOf(attrs.kernel), oh * ow], outside);
}

/** Creates the ranks of the taps, `[taps, 1]`: from the number of taps for the first tap down to 1 for the last. */
export function ranks(writer: Writer, { kernel }: MaxPool2dAttrs): string {
  const taps = sizeOf(kernel);
  return writer.constant(
    float32(
      [taps, 1],
      Array.from({ length: taps }, (_, tap) => taps - tap),
    ),
  );
}
