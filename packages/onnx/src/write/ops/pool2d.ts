// Pooling -> MaxPool, AveragePool, GlobalAveragePool. `x: [N, C, H, W] -> [N, C, OH, OW]`
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

export function avgPool2d(
  { inputs, outputs, attrs: { kernel, strides, pads, countPadding } }: NodeOf<'avgPool2d'>,
  writer: Writer,
): void {
  const attrs = { kernel_shape: kernel, strides, pads, count_include_pad: Number(countPadding) };
  writer.set(only(outputs), writer.emit('AveragePool', [writer.full(only(inputs))], attrs));
}

/** The mean over all pixels. `x: [N, C, H, W] -> [N, C, 1, 1]` */
export function globalAvgPool2d({ inputs, outputs }: NodeOf<'globalAvgPool2d'>, writer: Writer): void {
  writer.set(only(outputs), writer.emit('GlobalAveragePool', [writer.full(only(inputs))]));
}
