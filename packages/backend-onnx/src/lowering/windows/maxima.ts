// Where the maximum of each of max pooling's windows lies, without MaxPool's indices: the first tap that reads what the pool gave.
import type { MaxPool2dAttrs, Pair, ValueId } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { pixelsOfWindows } from './tables.ts';

/** Below all numbers but -Infinity. */
const LOWEST = -3.402_823_466_385_288_6e38;

/** @returns the names of `[N, C, 1, OH * OW]`: as float32, the tap, from the number of taps (the first) down to 1; 0 where there is none */
export function firstMaxima(writer: Writer, x: ValueId, y: ValueId, attrs: MaxPool2dAttrs): string {
  const [n, c, oh, ow] = writer.shape4(y);
  const read = readWindows(writer, x, [oh, ow], attrs, LOWEST);
  const largest = writer.emit('Reshape', [writer.full(y), writer.int64([n, c, 1, oh * ow])]);
  const isMaximum = writer.emit('Equal', [read, largest]);
  const ranked = writer.emit('Where', [isMaximum, ranks(writer, attrs), writer.constant(scalar(0))]);
  return writer.emit('ReduceMax', [ranked], { axes: [2], keepdims: 1 });
}

/**
 * What the windows of a pooling read of an image, tap by tap: `[N, C, taps, OH * OW]`.
 * @param outside what they read of the padding
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

/** `[taps, 1]`: the number of taps for the first, 1 for the last. */
export function ranks(writer: Writer, { kernel }: MaxPool2dAttrs): string {
  const taps = sizeOf(kernel);
  return writer.constant(
    float32(
      [taps, 1],
      Array.from({ length: taps }, (_, tap) => taps - tap),
    ),
  );
}
