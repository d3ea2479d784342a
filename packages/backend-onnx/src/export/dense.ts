// A fully connected layer -> Gemm. `x: [N, I], w: [O, I], bias: [O] -> [N, O]`
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function dense({ inputs, outputs }: NodeOf<'dense'>, writer: Writer): void {
  const operands = inputs.map((value) => writer.full(value));
  writer.set(only(outputs), writer.emit('Gemm', operands, { transB: 1 }));
}
