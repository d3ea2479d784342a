import type { Value } from '../graph/value.ts';
import { dimOf, shapeText } from '../tensor.ts';
import { kept } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link slice}. */
export type SliceAttrs = {
  /** The block's first index along each axis, counted from 0. */
  readonly starts: readonly number[];
  /** The shape of the block and the result. */
  readonly sizes: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * The block of x that starts at `starts`: `x: [d0, d1, ...] -> sizes`. Accepts every dtype.
     * @throws ShapeError unless `starts` and `sizes` have one integer per axis and the block is within x
     */
    readonly slice: Primitive<[x: Value], SliceAttrs>;
  }
}

export const slice: Definition<'slice'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { starts, sizes }, fail) => {
    const inside = x.shape.every((dim, axis) => {
      const [start, size] = [starts[axis], sizes[axis]];
      if (start === undefined || size === undefined) return false;
      return (
        Number.isInteger(start) && Number.isInteger(size) && start >= 0 && size >= 1 && start + size <= dim
      );
    });
    if (!inside || starts.length !== x.shape.length || sizes.length !== x.shape.length) {
      throw fail(`a block ${shapeText(sizes)} at ${shapeText(starts)} is not within ${shapeText(x.shape)}`);
    }
    return [{ dtype: x.dtype, shape: sizes }];
  },
  resultShape: 'sizes',
  batch: ([x], { sizes }, [type]) => [kept(x, (axis) => sizes[axis] === type.shape[axis])],
  gradient: ({ b, inputs: [x], attrs: { starts, sizes }, outputGradients: [dy] }) => {
    const after = x.shape.map((dim, axis) => dim - dimOf(starts, axis) - dimOf(sizes, axis));
    return [b.op.pad(dy, { before: starts, after, value: 0 })];
  },
};
