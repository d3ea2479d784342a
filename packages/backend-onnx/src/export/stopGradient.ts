// The identity -> nothing
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function stopGradient({ inputs, outputs }: NodeOf<'stopGradient'>, writer: Writer): void {
  const { name, dims } = writer.operand(only(inputs));
  writer.set(only(outputs), name, dims);
}
