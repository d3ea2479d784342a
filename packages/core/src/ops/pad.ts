import type { Value } from '../graph/value.ts';
import { dimOf, shapeText, typeText } from '../tensor.ts';
import { kept } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link pad}. */
export type PadAttrs = {
  /** The number of elements added at the start of each axis. */
  readonly before: readonly number[];
  /** The number of elements added at the end of each axis. */
  readonly after: readonly number[];
  /** The value of the added elements. */
  readonly value: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Surrounds x with `value`: `x: [d0, ...] -> [before[0] + d0 + after[0], ...]`.
     * @throws ShapeError unless x is float32, and `before` and `after` have an integer of at least 0 for each axis
     */
    readonly pad: Primitive<[x: Value], PadAttrs>;
  }
}

export const pad: Definition<'pad'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { before, after }, fail) => {
    const rank = x.shape.length;
    const whole = [...before, ...after].every((n) => Number.isInteger(n) && n >= 0);
    if (x.dtype !== 'float32' || before.length !== rank || after.length !== rank || !whole) {
      throw fail(`cannot pad ${typeText(x)} by ${shapeText(before)} before and ${shapeText(after)} after`);
    }
    const shape = x.shape.map((dim, axis) => dimOf(before, axis) + dim + dimOf(after, axis));
    return [{ dtype: x.dtype, shape }];
  },
  resultShape: undefined,
  batch: ([x], { before, after }) => [kept(x, (axis) => before[axis] === 0 && after[axis] === 0)],
  gradient: ({ b, inputs: [x], attrs: { before }, outputGradients: [dy] }) => [
    b.op.slice(dy, { starts: before, sizes: x.shape }),
  ],
};
