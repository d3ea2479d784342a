import type { Value } from '../graph/value.ts';
import { sameShape, sameType, typeText } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';
import { standardized, throughStandardized } from './standardize.ts';

export type LayerNormAttrs = { readonly epsilon: number };

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Layer normalization (Ba et al. 2016, section 3): normalizes x over its last axes, which are the axes of scale and bias,
     * by the mean and variance of the values there. `x: [N, ..., A, B], scale: [A, B], bias: [A, B] -> [N, ..., A, B]`, where
     * `y = scale * (x - mean) / sqrt(variance + epsilon) + bias` and the variance is biased.
     */
    readonly layerNorm: Composite<[x: Value, scale: Value, bias: Value], LayerNormAttrs>;
  }
}

export const layerNorm: Definition<'layerNorm'> = {
  kind: 'composite',
  inputs: ['x', 'scale', 'bias'],
  infer: ([x, scale, bias], _, fail) => {
    const rank = scale.shape.length;
    const isTail = rank > 0 && rank < x.shape.length && sameShape(scale.shape, x.shape.slice(-rank));
    if (x.dtype !== 'float32' || scale.dtype !== 'float32' || !sameType(scale, bias) || !isTail) {
      const got = [x, scale, bias].map(typeText).join(', ');
      throw fail(
        `expected x float32 [N, ...], and scale and bias with the shape of its last axes, got ${got}`,
      );
    }
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, scale, bias], { epsilon }) => {
    const { h } = standardized(b, x, axesOf(x, scale).last, epsilon);
    return [b.op.add(b.op.mul(h, alongLast(b, scale, x)), alongLast(b, bias, x))];
  },
  gradient: ({ b, inputs: [x, scale], attrs: { epsilon }, outputGradients: [dy] }) => {
    const { first, last } = axesOf(x, scale);
    const parts = standardized(b, x, last, epsilon);
    const dx = throughStandardized(b, parts, b.op.mul(dy, alongLast(b, scale, x)), last);
    const total = (values: Value): Value =>
      b.op.reshape(b.op.reduceSum(values, { axes: first }), { shape: scale.shape });
    return [dx, total(b.op.mul(dy, parts.h)), total(dy)];
  },
};

/** Splits the axes of x into those of scale (last) and those before (first). */
function axesOf(
  x: Value,
  scale: Value,
): { readonly first: readonly number[]; readonly last: readonly number[] } {
  const axes = x.shape.map((_, axis) => axis);
  const border = x.shape.length - scale.shape.length;
  return { first: axes.slice(0, border), last: axes.slice(border) };
}

/** Broadcasts `[A, B] -> [N, ..., A, B]`. */
function alongLast(b: Build, vector: Value, { shape }: Value): Value {
  const before = shape.slice(0, -vector.shape.length).map(() => 1);
  return b.op.broadcast(b.op.reshape(vector, { shape: [...before, ...vector.shape] }), { shape });
}
