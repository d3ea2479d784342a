// slice(x): a block of x. `x: [d0, d1, ...] -> sizes`, beginning at `starts`.
import type { Value } from '../builder.ts';
import { shapeText } from '../tensor.ts';
import type { Primitive } from './definition.ts';

export type SliceAttrs = { readonly starts: readonly number[]; readonly sizes: readonly number[] };

export const slice: Primitive<SliceAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { starts, sizes }, fail) => {
    const inside = x.shape.every((dim, axis) => {
      const [start = -1, size = 0] = [starts[axis], sizes[axis]];
      return (
        Number.isInteger(start) && Number.isInteger(size) && start >= 0 && size >= 1 && start + size <= dim
      );
    });
    if (!inside || starts.length !== x.shape.length || sizes.length !== x.shape.length) {
      throw fail(
        `a block ${shapeText(sizes)} at ${shapeText(starts)} does not lie within ${shapeText(x.shape)}`,
      );
    }
    return [{ dtype: x.dtype, shape: sizes }];
  },
  gradient: ({ b, inputs: [x], attrs: { starts, sizes }, outputGradients: [dy] }) => {
    const after = x.shape.map((dim, axis) => dim - (starts[axis] ?? 0) - (sizes[axis] ?? 0));
    return [b.op.pad(dy, { before: starts, after, value: 0 })];
  },
};
