import type { Value } from '../graph/value.ts';
import { dimOf, sizeOf, typeText } from '../tensor.ts';
import { liesAlong, moved } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link matMul}. */
export type MatMulAttrs = {
  /** x is stored as `[K, M]`. */
  readonly transposeA: boolean;
  /** y is stored as `[N, K]`. */
  readonly transposeB: boolean;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Product of two matrices: `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]`.
     * @throws ShapeError unless both are float32 matrices and their inner sizes agree
     */
    readonly matMul: Primitive<[x: Value, y: Value], MatMulAttrs>;
  }
}

export const matMul: Definition<'matMul'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: ([x, y], { transposeA, transposeB }, fail) => {
    const [m, kx] = transposeA ? x.shape.toReversed() : x.shape;
    const [ky, n] = transposeB ? y.shape.toReversed() : y.shape;
    const matrices = [x, y].every(({ dtype, shape }) => dtype === 'float32' && shape.length === 2);
    if (!matrices || m === undefined || n === undefined || kx !== ky) {
      const side = (type: typeof x, transposed: boolean): string =>
        `${typeText(type)}${transposed ? ' transposed' : ''}`;
      throw fail(`cannot multiply ${side(x, transposeA)} by ${side(y, transposeB)}`);
    }
    return [{ dtype: 'float32', shape: [m, n] }];
  },
  // The batch may be the rows of x or the columns of y; the product sums over the other axis.
  batch: ([x, y], { transposeA, transposeB }) => {
    if (y === 'none') return [moved(x, (axis) => (axis === (transposeA ? 1 : 0) ? 0 : undefined))];
    if (x === 'none') return [moved(y, (axis) => (axis === (transposeB ? 0 : 1) ? 1 : undefined))];
    return ['summed'];
  },
  addsUp: ([x, y], { transposeA, transposeB }) =>
    liesAlong(x, transposeA ? 0 : 1) && liesAlong(y, transposeB ? 1 : 0),
  cost: ([x, y], _, { transposeB }) => sizeOf(x.shape) * dimOf(y.shape, transposeB ? 0 : 1),
  gradient: ({ b, inputs: [x, y], attrs: { transposeA, transposeB }, outputGradients: [dz] }) => [
    transposeA
      ? b.op.matMul(y, dz, { transposeA: transposeB, transposeB: true })
      : b.op.matMul(dz, y, { transposeA: false, transposeB: !transposeB }),
    transposeB
      ? b.op.matMul(dz, x, { transposeA: true, transposeB: transposeA })
      : b.op.matMul(x, dz, { transposeA: !transposeA, transposeB: false }),
  ],
};
