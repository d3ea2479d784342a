// Neither NaN nor infinite -> |x| < infinity, which is false for both
import type { NodeOf } from '@isonet/core';
import { scalar } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function isFinite({ inputs, outputs }: NodeOf<'isFinite'>, writer: Writer): void {
  const { name, dims } = writer.operand(only(inputs));
  const less = writer.emit('Less', [writer.emit('Abs', [name]), writer.constant(scalar(Infinity))]);
  writer.set(only(outputs), less, dims);
}
