// A block of x -> Slice along the axes where it is smaller than x. The others are left alone: one may follow the batch.
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function slice({ inputs, outputs, attrs: { starts } }: NodeOf<'slice'>, writer: Writer): void {
  const [x, y] = [only(inputs), only(outputs)];
  const [from, to] = [writer.dims(x), writer.dims(y)];
  const cuts = to.flatMap((size, axis) =>
    size === from[axis] ? [] : [{ axis, start: starts[axis] ?? 0, size }],
  );
  if (cuts.length === 0) {
    const { name, dims } = writer.operand(x);
    writer.set(y, name, dims);
    return;
  }
  const ends = cuts.map(({ axis, start, size }) => {
    if (typeof size === 'number') return start + size;
    throw writer.refuse(`cuts axis ${axis}, which follows the batch, to ${size} of ${from[axis] ?? 1}`);
  });
  const bounds = [cuts.map(({ start }) => start), ends, cuts.map(({ axis }) => axis)];
  writer.set(y, writer.emit('Slice', [writer.full(x), ...bounds.map((list) => writer.int64(list))]));
}
