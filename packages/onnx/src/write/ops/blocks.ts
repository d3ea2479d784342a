// Blocks of tensors: joined -> Concat, sliced -> Slice, padded -> Pad
import { defined, scalar } from '@isonet/core';
import { dimAt } from '../writer/dims.ts';
import type { OnnxKernel } from '../writer/writer.ts';

/** Joins tensors along an axis. */
export const concat: OnnxKernel<'concat'> = ({ attrs: { axis } }, { inputs, outputs: [y] }, writer) => {
  const parts = inputs.map((x) => writer.full(x));
  const [only, ...others] = parts;
  const isSingle = only !== undefined && others.length === 0;
  writer.set(y, isSingle ? only : writer.emit('Concat', parts, { axis }));
};

/**
 * Slices a block of x. Slices only the axes along which the block is smaller than x, because the other axes may follow
 * the batch.
 */
export const slice: OnnxKernel<'slice'> = ({ attrs: { starts } }, { inputs: [x], outputs: [y] }, writer) => {
  const [from, to] = [writer.dims(x), writer.dims(y)];
  const cuts = to.flatMap((size, axis) => {
    const whole = dimAt(from, axis);
    const start = defined(starts[axis], `slice: its start along axis ${axis}`);
    return size === whole ? [] : [{ axis, start, size, whole }];
  });
  if (cuts.length === 0) {
    const { name, dims } = writer.operand(x);
    writer.set(y, name, dims);
    return;
  }
  const ends = cuts.map(({ axis, start, size, whole }) => {
    if (typeof size === 'number') return start + size;
    throw writer.refuse(`slices axis ${axis}, which follows the batch, to ${size} of ${whole}`);
  });
  const bounds = [cuts.map(({ start }) => start), ends, cuts.map(({ axis }) => axis)];
  writer.set(y, writer.emit('Slice', [writer.full(x), ...bounds.map((list) => writer.int64(list))]));
};

/** Pads x with a constant. */
export const pad: OnnxKernel<'pad'> = ({ attrs }, { inputs: [x], outputs: [y] }, writer) => {
  const pads = [...attrs.before, ...attrs.after];
  if (pads.every((count) => count === 0)) {
    const { name, dims } = writer.operand(x);
    writer.set(y, name, dims);
    return;
  }
  const operands = [writer.full(x), writer.int64(pads), writer.constant(scalar(attrs.value))];
  writer.set(y, writer.emit('Pad', operands));
};
