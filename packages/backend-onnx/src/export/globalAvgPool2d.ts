// The mean over the pixels -> GlobalAveragePool. `x: [N, C, H, W] -> [N, C, 1, 1]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function globalAvgPool2d({ inputs, outputs }: NodeOf<'globalAvgPool2d'>, writer: Writer): void {
  writer.set(only(outputs), writer.emit('GlobalAveragePool', [writer.full(only(inputs))]));
}
