import type { Value } from '../graph/value.ts';
import { dimOf, sizeOf, typeText } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';
import type { MatMulAttrs } from './matMul.ts';

/** The attributes of {@link batchMatMul}, the same for every product of the batch. */
export type BatchMatMulAttrs = MatMulAttrs;

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Products of matrices, pair by pair:
     * `x: [B, M, K] (or [B, K, M]), y: [B, K, N] (or [B, N, K]) -> [B, M, N]`, where z[i] is the product of x[i] and y[i].
     *
     * If all pairs share one matrix, stacking the others as rows of a single `matMul` is equivalent and faster.
     * @throws ShapeError unless both are float32 of rank 3 with the same number of matrices, and their inner sizes agree
     */
    readonly batchMatMul: Composite<[x: Value, y: Value], BatchMatMulAttrs>;
  }
}

export const batchMatMul: Definition<'batchMatMul'> = {
  kind: 'composite',
  inputs: ['x', 'y'],
  infer: ([x, y], { transposeA, transposeB }, fail) => {
    const [count, ...left] = x.shape;
    const [others, ...right] = y.shape;
    const [m, kx] = transposeA ? left.toReversed() : left;
    const [ky, n] = transposeB ? right.toReversed() : right;
    const stacks = [x, y].every(({ dtype, shape }) => dtype === 'float32' && shape.length === 3);
    if (
      !stacks ||
      count === undefined ||
      m === undefined ||
      n === undefined ||
      count !== others ||
      kx !== ky
    ) {
      const side = (type: typeof x, transposed: boolean): string =>
        `${typeText(type)}${transposed ? ' transposed' : ''}`;
      throw fail(`cannot multiply ${side(x, transposeA)} by ${side(y, transposeB)}, matrix by matrix`);
    }
    return [{ dtype: 'float32', shape: [count, m, n] }];
  },
  cost: ([x], [z]) => sizeOf(x.shape) * dimOf(z.shape, 2),
  // A grouped 1x1 convolution: a group's filters are the rows of x[i], its channels the rows of y[i].
  decompose: (b, [x, y], { transposeA, transposeB }) => {
    const [rows, columns] = [transposeA ? transposeEach(b, x) : x, transposeB ? transposeEach(b, y) : y];
    const [count, m, k] = [dimOf(rows.shape, 0), dimOf(rows.shape, 1), dimOf(rows.shape, 2)];
    const n = dimOf(columns.shape, 2);
    const filter = b.op.reshape(rows, { shape: [count * m, k, 1, 1] });
    const image = b.op.reshape(columns, { shape: [1, count * k, n, 1] });
    const product = b.op.conv2d(image, filter, {
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: count,
    });
    return [b.op.reshape(product, { shape: [count, m, n] })];
  },
  gradient: ({ b, inputs: [x, y], attrs: { transposeA, transposeB }, outputGradients: [dz] }) => [
    transposeA
      ? b.op.batchMatMul(y, dz, { transposeA: transposeB, transposeB: true })
      : b.op.batchMatMul(dz, y, { transposeA: false, transposeB: !transposeB }),
    transposeB
      ? b.op.batchMatMul(dz, x, { transposeA: true, transposeB: transposeA })
      : b.op.batchMatMul(x, dz, { transposeA: !transposeA, transposeB: false }),
  ],
};

/** Transposes each matrix: `[B, I, J] -> [B, J, I]`. */
function transposeEach(b: Build, x: Value): Value {
  return b.op.transpose(x, { permutation: [0, 2, 1] });
}
