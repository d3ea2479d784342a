// Local response normalization across channels -> LRN. `x: [N, C, H, W] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function lrn({ inputs, outputs, attrs }: NodeOf<'lrn'>, writer: Writer): void {
  const { size, alpha, beta, bias } = attrs;
  const floats = { alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } };
  writer.set(only(outputs), writer.emit('LRN', [writer.full(only(inputs))], { size, ...floats }));
}
