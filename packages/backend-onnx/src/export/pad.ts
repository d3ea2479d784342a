// A number around x -> Pad
import type { NodeOf } from '@isonet/core';
import { scalar } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function pad({ inputs, outputs, attrs }: NodeOf<'pad'>, writer: Writer): void {
  const x = only(inputs);
  const pads = [...attrs.before, ...attrs.after];
  if (pads.every((count) => count === 0)) {
    const { name, dims } = writer.operand(x);
    writer.set(only(outputs), name, dims);
    return;
  }
  const operands = [writer.full(x), writer.int64(pads), writer.constant(scalar(attrs.value))];
  writer.set(only(outputs), writer.emit('Pad', operands));
}
