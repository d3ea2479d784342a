// The maximum of each window -> MaxPool. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function maxPool2d(
  { inputs, outputs, attrs: { kernel, strides, pads } }: NodeOf<'maxPool2d'>,
  writer: Writer,
): void {
  const attrs = { kernel_shape: kernel, strides, pads };
  writer.set(only(outputs), writer.emit('MaxPool', [writer.full(only(inputs))], attrs));
}
