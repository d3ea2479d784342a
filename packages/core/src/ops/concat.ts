import type { Value } from '../graph/value.ts';
import { dimOf, shapeText } from '../tensor.ts';
import { joined, kept } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link concat}. */
export type ConcatAttrs = {
  /** The axis, counted from 0; never negative. */
  readonly axis: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Joins tensors along an axis: `xs: [..., Di, ...] -> [..., sum of Di, ...]`; the other axes are equal. Accepts every
     * dtype.
     * @throws ShapeError unless the inputs have the same dtype, have the axis, and differ in size only along
     * it
     */
    readonly concat: Primitive<readonly Value[], ConcatAttrs>;
  }
}

export const concat: Definition<'concat'> = {
  kind: 'primitive',
  inputs: ['...xs'],
  infer: (xs, { axis }, fail) => {
    const [first] = xs;
    if (first?.shape[axis] === undefined)
      throw fail(`axis ${axis} does not exist in ${xs.map(text).join(', ')}`);
    const fits = xs.every(
      ({ dtype, shape }) =>
        dtype === first.dtype &&
        shape.length === first.shape.length &&
        shape.every((dim, i) => i === axis || dim === first.shape[i]),
    );
    if (!fits) throw fail(`expected shapes that differ only in axis ${axis}, got ${xs.map(text).join(', ')}`);
    const total = xs.reduce((sum, { shape }) => sum + dimOf(shape, axis), 0);
    return [{ dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? total : dim)) }];
  },
  batch: (xs, { axis }) => [kept(joined(xs), (along) => along !== axis)],
  gradient: ({ b, inputs: xs, attrs: { axis }, outputGradients: [dy] }) => {
    let offset = 0;
    return xs.map(({ shape }) => {
      const starts = shape.map((_, i) => (i === axis ? offset : 0));
      offset += dimOf(shape, axis);
      return b.op.slice(dy, { starts, sizes: shape });
    });
  },
};

function text({ shape }: { readonly shape: readonly number[] }): string {
  return shapeText(shape);
}
