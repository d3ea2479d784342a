import type { Value } from '../graph/value.ts';
import { shapeText, sizeOf, typeText } from '../tensor.ts';
import { moved } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link reshape}. */
export type ReshapeAttrs = {
  /** The result's shape. */
  readonly shape: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * The same values, in the same row-major order, with a new shape: `x: [...] -> shape`. Accepts every
     * dtype.
     * @throws ShapeError unless `shape` holds exactly as many values as x
     */
    readonly reshape: Primitive<[x: Value], ReshapeAttrs>;
  }
}

export const reshape: Definition<'reshape'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { shape }, fail) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) throw fail(`cannot reshape ${typeText(x)} to ${shapeText(shape)}`);
    return [{ dtype: x.dtype, shape }];
  },
  resultShape: 'shape',
  // The blocks of an axis are contiguous. They stay intact on a result axis that has the same number of elements before it.
  batch: ([x], { shape }, [type], images) => [
    moved(x, (from) => {
      const before = sizeOf(type.shape.slice(0, from));
      const to = shape.findIndex((dim, i) => dim % images === 0 && sizeOf(shape.slice(0, i)) === before);
      return to === -1 ? undefined : to;
    }),
  ],
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.reshape(dy, { shape: x.shape })],
};
