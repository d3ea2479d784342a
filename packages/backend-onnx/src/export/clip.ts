// x within low..high -> Clip
import type { NodeOf } from '@isonet/core';
import { scalar } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function clip({ inputs, outputs, attrs: { low, high } }: NodeOf<'clip'>, writer: Writer): void {
  const { name, dims } = writer.operand(only(inputs));
  const limits = [low, high].map((limit) => writer.constant(scalar(limit)));
  writer.set(only(outputs), writer.emit('Clip', [name, ...limits]), dims);
}
