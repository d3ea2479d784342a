// Gather over the pixels of each channel, with one extra pixel for positions outside the image.
import type { Tensor } from '@isonet/core';
import { float32, int32 } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';

/**
 * Gathers pixels by a table.
 * @param value `[N, C, P]`
 * @param table `[T, Q]` pixels in [0, P), and P for positions outside the image
 * @param outside the value of those positions
 * @returns the name of `[N, C, T, Q]`
 */
export function gather(
  writer: Writer,
  value: string,
  [n, c, pixels]: readonly [n: number, c: number, pixels: number],
  table: readonly number[],
  count: readonly [taps: number, places: number],
  outside: number,
): string {
  const border = (): string => {
    const one = writer.constant(float32([n, c, 1], new Float32Array(n * c).fill(outside)));
    return writer.emit('Concat', [value, one], { axis: 2 });
  };
  const padded = table.includes(pixels) ? border() : value;
  return writer.emit('Gather', [padded, writer.constant(indices(table, count))], { axis: 2 });
}

function indices(table: readonly number[], shape: readonly [number, number]): Tensor {
  return int32(shape, Int32Array.from(table));
}
