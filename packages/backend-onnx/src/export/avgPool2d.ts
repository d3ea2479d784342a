// The mean of each window -> AveragePool. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function avgPool2d(
  { inputs, outputs, attrs: { kernel, strides, pads, countPadding } }: NodeOf<'avgPool2d'>,
  writer: Writer,
): void {
  const attrs = { kernel_shape: kernel, strides, pads, count_include_pad: Number(countPadding) };
  writer.set(only(outputs), writer.emit('AveragePool', [writer.full(only(inputs))], attrs));
}
