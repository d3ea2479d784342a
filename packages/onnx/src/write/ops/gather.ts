// Entries picked along an axis -> Gather, which counts negative indices from the end and fails on an index outside the
// axis. Constant indices within the axis are used directly. Otherwise, an index outside the axis is replaced by 0, and
// the entry that it then picks is replaced by zeros. `x: [..., D, ...], indices: int32 [n] -> [..., n, ...]`
import { int32, scalar } from '@isonet/core';
import { dimAt } from '../writer/dims.ts';
import type { OnnxKernel } from '../writer/writer.ts';

export const gather: OnnxKernel<'gather'> = (
  { attrs: { axis } },
  { inputs: [x, indices], outputs: [y] },
  writer,
) => {
  const dims = writer.dims(x);
  const size = dimAt(dims, axis);
  if (typeof size === 'string') throw writer.refuse(`picks along axis ${axis}, which follows the batch`);
  const picked = (indexName: string): string => writer.emit('Gather', [writer.full(x), indexName], { axis });
  const indexName = writer.full(indices);
  const known = writer.constantOf(indices);
  if (known?.data.every((index) => index >= 0 && index < size)) {
    writer.set(y, picked(indexName));
    return;
  }
  const first = writer.constant(int32([], [0]));
  const inside = writer.emit('And', [
    writer.emit('GreaterOrEqual', [indexName, first]),
    writer.emit('Less', [indexName, writer.constant(int32([], [size]))]),
  ]);
  const entries = picked(writer.emit('Where', [inside, indexName, first]));
  const after = dims.slice(axis + 1).map(() => 1);
  const along = after.length === 0 ? inside : writer.emit('Reshape', [inside, writer.int64([-1, ...after])]);
  writer.set(y, writer.emit('Where', [along, entries, writer.constant(scalar(0))]));
};
