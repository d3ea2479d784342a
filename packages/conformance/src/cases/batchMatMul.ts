// batchMatMul in its four ways to lie, and on real data in sums short enough to show lost bits.
import type { AttrsOf, Shape } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
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
