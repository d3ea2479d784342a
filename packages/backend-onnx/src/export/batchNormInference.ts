// Batch normalization with known statistics -> BatchNormalization, which runtimes merge with the convolution before it.
// `x: [N, C, ...], scale, bias, mean, variance: [C] -> [N, C, ...]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function batchNormInference(
  { inputs, outputs, attrs: { epsilon } }: NodeOf<'batchNormInference'>,
  writer: Writer,
): void {
  const operands = inputs.map((value) => writer.full(value));
  writer.set(only(outputs), writer.emit('BatchNormalization', operands, { epsilon: { float: epsilon } }));
}
