// Axes in another order -> Transpose, or nothing where they stay
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function transpose(
  { inputs, outputs, attrs: { permutation } }: NodeOf<'transpose'>,
  writer: Writer,
): void {
  const { name, dims } = writer.operand(only(inputs));
  // One number repeated is the same in any order.
  if (dims.length === 0 || permutation.every((from, to) => from === to)) {
    writer.set(only(outputs), name, dims);
    return;
  }
  const moved = permutation.map((axis) => dims[axis] ?? 1);
  writer.set(only(outputs), writer.emit('Transpose', [name], { perm: permutation }), moved);
}
