// One after the other along an axis -> Concat
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function concat({ inputs, outputs, attrs: { axis } }: NodeOf<'concat'>, writer: Writer): void {
  const parts = inputs.map((x) => writer.full(x));
  writer.set(only(outputs), parts.length === 1 ? only(parts) : writer.emit('Concat', parts, { axis }));
}
