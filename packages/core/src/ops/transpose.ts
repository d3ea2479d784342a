import type { Value } from '../graph/value.ts';
import { dimOf, shapeText } from '../tensor.ts';
import { moved } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link transpose}. */
export type TransposeAttrs = {
  /** Axis i of the result is axis `permutation[i]` of x. */
  readonly permutation: readonly number[];
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Permutes the axes: axis i of the result is axis `permutation[i]` of x. Accepts every dtype.
     *
     * `x: [d0, d1, ...] -> [d(permutation[0]), d(permutation[1]), ...]`
     * @throws ShapeError unless `permutation` contains each axis of x once
     */
    readonly transpose: Primitive<[x: Value], TransposeAttrs>;
  }
}

export const transpose: Definition<'transpose'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { permutation }, fail) => {
    const axes = x.shape.map((_, axis) => axis);
    if (permutation.length !== axes.length || !axes.every((axis) => permutation.includes(axis))) {
      throw fail(`${shapeText(permutation)} is not a permutation of the axes of ${shapeText(x.shape)}`);
    }
    return [{ dtype: x.dtype, shape: permutation.map((axis) => dimOf(x.shape, axis)) }];
  },
  resultShape: undefined,
  batch: ([x], { permutation }) => [moved(x, (axis) => permutation.indexOf(axis))],
  gradient: ({ b, attrs: { permutation }, outputGradients: [dy] }) => [
    b.op.transpose(dy, { permutation: permutation.map((_, axis) => permutation.indexOf(axis)) }),
  ],
};
