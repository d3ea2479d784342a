// Axes in another order -> Transpose, or nothing if the order does not change
import { dimAt } from '../writer/dims.ts';
import type { OnnxKernel } from '../writer/writer.ts';

export const transpose: OnnxKernel<'transpose'> = (
  { attrs: { permutation } },
  { inputs: [x], outputs: [y] },
  writer,
) => {
  const { name, dims } = writer.operand(x);
  // A single repeated number is the same in any order.
  if (dims.length === 0 || permutation.every((from, to) => from === to)) {
    writer.set(y, name, dims);
    return;
  }
  const moved = permutation.map((axis) => dimAt(dims, axis));
  writer.set(y, writer.emit('Transpose', [name], { perm: permutation }), moved);
};
