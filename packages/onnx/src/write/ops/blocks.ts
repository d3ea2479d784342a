// Blocks of tensors: joined -> Concat, cut out -> Slice, framed -> Pad
import type { NodeOf } from '@isonet/core';
import { scalar } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

/** Tensors joined along an axis. */
export function concat({ inputs, outputs, attrs: { axis } }: NodeOf<'concat'>, writer: Writer): void {
  const parts = inputs.map((x) => writer.full(x));
  writer.set(only(outputs), parts.length === 1 ? only(parts) : writer.emit('Concat', parts, { axis }));
}

/** A block of x. Only axes where it is smaller than x are cut: another one may follow the batch. */
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

/** A number around x. */
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
