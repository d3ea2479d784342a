// Normalization in inference -> BatchNormalization, LRN
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

/**
 * Batch normalization with known statistics. Runtimes merge it with the convolution before it.
 * `x: [N, C, ...], scale, bias, mean, variance: [C] -> [N, C, ...]`
 */
export function batchNormInference(
  { inputs, outputs, attrs: { epsilon } }: NodeOf<'batchNormInference'>,
  writer: Writer,
): void {
  const operands = inputs.map((value) => writer.full(value));
  writer.set(only(outputs), writer.emit('BatchNormalization', operands, { epsilon: { float: epsilon } }));
}

/** Local response normalization across channels. `x: [N, C, H, W] -> [N, C, H, W]` */
export function lrn({ inputs, outputs, attrs }: NodeOf<'lrn'>, writer: Writer): void {
  const { size, alpha, beta, bias } = attrs;
  const floats = { alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } };
  writer.set(only(outputs), writer.emit('LRN', [writer.full(only(inputs))], { size, ...floats }));
}
