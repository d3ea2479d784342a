// batchMatMul in its four ways to lie, and on real data in sums short enough to show lost bits.
import type { AttrsOf, Shape, Tensor } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded, exact } from '../case.ts';
import { numberAt } from '../compare.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { inFormat, kernel, sameTensors, withOperand } from '../faults/planted/fault.ts';
import { rolled, withoutLast } from '../faults/planted/tensors.ts';
import type { Formula } from '../formula.ts';
import { batchMatMulAtFullSize } from './fullSize.ts';

type Attrs = AttrsOf<'batchMatMul'>;
const ways: readonly (readonly [name: string, attrs: Attrs])[] = [
  ['nn', { transposeA: false, transposeB: false }],
  ['nt', { transposeA: false, transposeB: true }],
  ['tn', { transposeA: true, transposeB: false }],
  ['tt', { transposeA: true, transposeB: true }],
];

type Sizes = readonly [count: number, m: number, k: number, n: number];

/** How B times [M, K] and [K, N] lie. */
function lying([count, m, k, n]: Sizes, { transposeA, transposeB }: Attrs): readonly [Shape, Shape] {
  return [transposeA ? [count, k, m] : [count, m, k], transposeB ? [count, n, k] : [count, k, n]];
}

const sizes: readonly (readonly [name: string, sizes: Sizes])[] = [
  ['odd-size', [3, 5, 7, 3]],
  ['one-pair', [1, 4, 3, 5]],
  ['row-by-column', [4, 1, 9, 1]],
  ['column-by-row', [2, 6, 1, 5]],
  // Crosses the tile sizes that fast kernels like, by one.
  ['odd-tiles', [2, 33, 65, 17]],
];

export const cases: readonly Case[] = [
  ...ways.flatMap(([way, attrs]) =>
    sizes.map(([name, dims]) => {
      const [x, y] = lying(dims, attrs);
      const feeds = { x: integers('x', x), y: integers('y', y) };
      return exact(`batchMatMul/${name}-${way}`, feeds, (op, values) =>
        op.batchMatMul(values.x, values.y, attrs),
      );
    }),
  ),
  exact('batchMatMul/one-value-twice', { x: integers('x', [3, 4, 5]) }, (op, { x }) =>
    op.batchMatMul(x, x, { transposeA: false, transposeB: true }),
  ),
  exact(
    'batchMatMul/square-in-all-ways',
    { x: integers('x', [3, 4, 4]), y: integers('y', [3, 4, 4]) },
    (op, { x, y }) => ways.map(([, attrs]) => op.batchMatMul(x, y, attrs)),
  ),
  // Attention as networks have it: heads apart, scores by keys and queries, values weighted by them.
  bounded(
    'batchMatMul/attention',
    {
      queries: reals('queries', [4, 3, 6]),
      keys: reals('keys', [4, 5, 6]),
      values: reals('values', [4, 5, 2]),
    },
    (op, { queries, keys, values }) => {
      const scores = op.batchMatMul(queries, keys, { transposeA: false, transposeB: true });
      const weights = op.softmax(scores, { axis: 2 });
      return op.batchMatMul(weights, values, { transposeA: false, transposeB: false });
    },
  ),
  // No sum has more than 24 terms, the gradients' neither: only short sums show inputs that were rounded to fewer bits.
  ...ways.map(([way, attrs]) => {
    const [x, y] = lying([3, 12, 24, 10], attrs);
    const feeds = { x: reals('x', x), y: reals('y', y) };
    return bounded(`batchMatMul/reals-${way}`, feeds, (op, values) =>
      op.batchMatMul(values.x, values.y, attrs),
    );
  }),
  ...batchMatMulAtFullSize,
];

export const formula: Formula<'batchMatMul'> = ([x, y], { transposeA, transposeB }) => {
  const [count, k] = [dimOf(x.shape, 0), dimOf(x.shape, transposeA ? 1 : 2)];
  const [m, n] = [dimOf(x.shape, transposeA ? 2 : 1), dimOf(y.shape, transposeB ? 1 : 2)];
  return [
    Array.from({ length: sizeOf([count, m, n]) }, (_, i) => {
      const [pair, row, column] = [Math.floor(i / n / m), Math.floor(i / n) % m, i % n];
      let total = 0;
      for (let term = 0; term < k; term++) {
        const left = transposeA ? term * m + row : row * k + term;
        const right = transposeB ? column * k + term : term * n + column;
        total += numberAt(x.data, pair * m * k + left) * numberAt(y.data, pair * k * n + right);
      }
      return total;
    }),
  ];
};

/** The last column of each first matrix meets nothing. */
const droppedTerm: Fault<'batchMatMul'> = {
  name: 'a dropped term',
  plant: ({ node, operands }) => {
    const axis = node.attrs.transposeA ? 1 : 2;
    return { operands: withOperand(operands, 0, (x) => withoutLast(x, axis)) };
  },
};

/** Rows, or whole matrices, one further on. */
function shifted(name: string, axisOf: (attrs: Attrs) => number, unless: string): Fault<'batchMatMul'> {
  return {
    name,
    plant: ({ node, operands }) => {
      const changed = withOperand(operands, 0, (x) => rolled(x, axisOf(node.attrs), 1));
      return sameTensors(operands, changed) ? unless : { operands: changed };
    },
  };
}

export const faults: readonly Fault<'batchMatMul'>[] = [
  droppedTerm,
  shifted('a shifted row', ({ transposeA }) => (transposeA ? 2 : 1), 'all rows are alike'),
  shifted('the matrix before', () => 0, 'all matrices are alike'),
  inFormat('TF32'),
  inFormat('bf16'),
  kernel('batchMatMul: the first y for every x', ({ operands: [x] }) =>
    dimOf(x.shape, 0) === 1 ? 'there is one pair' : undefined,
  ),
  kernel('batchMatMul: a square matrix is never transposed', ({ node, operands: [x, y] }) => {
    const { transposeA, transposeB } = node.attrs;
    const turned = (transposeA && isSquare(x)) || (transposeB && isSquare(y));
    return turned ? undefined : 'no square matrix is transposed';
  }),
];

/** Matrices of more than one number. */
function isSquare({ shape }: Tensor): boolean {
  return shape[1] === shape[2] && dimOf(shape, 1) > 1;
}
