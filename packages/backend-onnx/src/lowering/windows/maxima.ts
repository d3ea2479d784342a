// Where the maximum of each of max pooling's windows lies, without MaxPool's indices: the first tap that reads what the pool gave.
import type { MaxPool2dAttrs, ValueId } from '@isonet/core';
import { float32, scalar } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { pixelsOfWindows } from './tables.ts';

/** Below all numbers but -Infinity. */
const LOWEST = -3.402_823_466_385_288_6e38;

/** @returns the names of `[N, C, 1, OH * OW]`: as float32, the tap, from the number of taps (the first) down to 1; 0 where there is none */
export function firstMaxima(writer: Writer, x: ValueId, y: ValueId, attrs: MaxPool2dAttrs): string {
  const [n, c, h, w] = writer.shape4(x);
  const [, , oh, ow] = writer.shape4(y);
  const taps = attrs.kernel[0] * attrs.kernel[1];
  const reshape = (name: string, shape: readonly number[]): string =>
    writer.emit('Reshape', [name, writer.int64(shape)]);
  const table = pixelsOfWindows([h, w], [oh, ow], { ...attrs, dilations: [1, 1] });
  const images = reshape(writer.full(x), [n, c, h * w]);
  const read = gather(writer, images, [n, c, h * w], table, [taps, oh * ow], LOWEST);
  const largest = reshape(writer.full(y), [n, c, 1, oh * ow]);
  const isMaximum = writer.emit('Equal', [read, largest]);
  const ranked = writer.emit('Where', [isMaximum, ranks(writer, taps), writer.constant(scalar(0))]);
  return writer.emit('ReduceMax', [ranked], { axes: [2], keepdims: 1 });
}

/** `[taps, 1]`: the number of taps for the first, 1 for the last. */
export function ranks(writer: Writer, taps: number): string {
  return writer.constant(
    float32(
      [taps, 1],
      Array.from({ length: taps }, (_, tap) => taps - tap),
    ),
  );
}
