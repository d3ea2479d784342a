// batchMatMul with all combinations of transposed operands: on integers, and on reals in sums short enough to reveal lost bits.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { atFullSize, large } from './fullSize.ts';
import { type Sizes, storedShapes, transpositions } from './matrices.ts';

const sizes: readonly (readonly [name: string, count: number, sizes: Sizes])[] = [
  ['odd-size', 3, [5, 7, 3]],
  ['one-pair', 1, [4, 3, 5]],
  ['row-by-column', 4, [1, 9, 1]],
  ['column-by-row', 2, [6, 1, 5]],
  // One more than the tile sizes that fast kernels use.
  ['odd-tiles', 2, [33, 65, 17]],
];

export const cases: readonly Case[] = casesFor('batchMatMul', ({ bounded, exact }) => [
  ...transpositions.flatMap(([letters, attrs]) =>
    sizes.map(([name, count, dims]) => {
      const [x, y] = storedShapes(dims, attrs, [count]);
      return exact(`${name}-${letters}`, { x: integers('x', x), y: integers('y', y) }, attrs);
    }),
  ),
  exact('one-value-twice', { x: integers('x', [3, 4, 5]) }, (op, { x }) =>
    op.batchMatMul(x, x, { transposeA: false, transposeB: true }),
  ),
  exact('square-in-all-ways', { x: integers('x', [3, 4, 4]), y: integers('y', [3, 4, 4]) }, (op, { x, y }) =>
    transpositions.map(([, attrs]) => op.batchMatMul(x, y, attrs)),
  ),
  // Attention as networks use it: one matrix per head, scores from queries and keys, and values weighted by the scores.
  bounded(
    'attention',
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
  // At most 24 terms in each sum, gradients included: only short sums reveal inputs that were rounded to fewer bits.
  ...transpositions.map(([letters, attrs]) => {
    const [x, y] = storedShapes([12, 24, 10], attrs, [3]);
    return bounded(`reals-${letters}`, { x: reals('x', x), y: reals('y', y) }, attrs);
  }),
  // Primes: no tile size divides them.
  ...transpositions.map(([letters, attrs]) => {
    const name = `full-size-127-by-131-by-109-${letters}`;
    return atFullSize<Sizes>([127, 131, 109], [5, 7, 3], (size, options) => {
      const [x, y] = storedShapes(size, attrs, [3]);
      return exact(name, { x: large('x', x), y: large('y', y) }, attrs, options);
    });
  }),
]);
