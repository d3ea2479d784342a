import type { Value } from '../graph/value.ts';
import { shapeText, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link broadcast}. */
export type BroadcastAttrs = {
  /** The result's shape. */
  readonly shape: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Repeats x along its axes of size 1: `x: [d0 | 1, d1 | 1, ...] -> [d0, d1, ...]`, of the same rank. A scalar `[]`
     * broadcasts to any shape. Accepts every dtype.
     * @throws ShapeError if x cannot be repeated to `shape`
     */
    readonly broadcast: Primitive<[x: Value], BroadcastAttrs>;
  }
}

export const broadcast: Definition<'broadcast'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { shape }, fail) => {
    const fits =
      x.shape.length === shape.length && x.shape.every((dim, axis) => dim === shape[axis] || dim === 1);
    if (!fits && x.shape.length > 0) throw fail(`cannot repeat ${typeText(x)} to ${shapeText(shape)}`);
    return [{ dtype: x.dtype, shape }];
  },
  resultShape: 'shape',
  batch: ([x]) => [x], // Only axes of size 1 are repeated, and a batch axis is larger.
  gradient: ({ b, inputs: [x], attrs: { shape }, outputGradients: [dy] }) => {
    const axes = shape.map((_, axis) => axis).filter((axis) => x.shape[axis] !== shape[axis]);
    return [b.op.reshape(b.op.reduceSum(dy, { axes }), { shape: x.shape })];
  },
};
