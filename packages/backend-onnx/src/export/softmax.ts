// e^x over its sum along an axis -> Softmax
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function softmax({ inputs, outputs, attrs: { axis } }: NodeOf<'softmax'>, writer: Writer): void {
  writer.set(only(outputs), writer.emit('Softmax', [writer.full(only(inputs))], { axis }));
}
