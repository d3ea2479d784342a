// matMul with all combinations of transposed operands: on integers, and on reals in sums short enough to reveal lost bits.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { atFullSize, large } from './fullSize.ts';
import { type Sizes, storedShapes, transpositions } from './matrices.ts';

const sizes: readonly (readonly [name: string, sizes: Sizes])[] = [
  ['odd-size', [5, 7, 3]],
  ['row-by-column', [1, 9, 1]],
  ['column-by-row', [6, 1, 5]],
  // One more than the tile sizes that fast kernels use.
  ['odd-tiles', [33, 65, 17]],
];
const plain = { transposeA: false, transposeB: false };

export const cases: readonly Case[] = casesFor('matMul', ({ bounded, exact }) => [
  ...transpositions.flatMap(([letters, attrs]) =>
    sizes.map(([name, dims]) => {
      const [x, y] = storedShapes(dims, attrs);
      return exact(`${name}-${letters}`, { x: integers('x', x), y: integers('y', y) }, attrs);
    }),
  ),
  exact('scalars-almost', { x: integers('x', [1, 1], 2, 4), y: integers('y', [1, 1], 2, 4) }, plain),
  exact('long-sums', { x: integers('x', [3, 1031]), y: integers('y', [1031, 4]) }, plain),
  exact('one-value-twice', { x: integers('x', [4, 5]) }, (op, { x }) =>
    op.matMul(x, x, { transposeA: false, transposeB: true }),
  ),
  exact('square-in-all-ways', { x: integers('x', [4, 4]), y: integers('y', [4, 4]) }, (op, { x, y }) =>
    transpositions.map(([, attrs]) => op.matMul(x, y, attrs)),
  ),
  // At most 24 terms in each sum, gradients included: only short sums reveal inputs that were rounded to fewer bits.
  ...transpositions.map(([letters, attrs]) => {
    const [x, y] = storedShapes([12, 24, 10], attrs);
    return bounded(`reals-${letters}`, { x: reals('x', x), y: reals('y', y) }, attrs);
  }),
  // Primes, and 2^10 + 7 terms: no tile size divides them.
  atFullSize<Sizes>([257, 1031, 193], [5, 7, 3], ([m, k, n], options) =>
    exact('full-size-257-by-1031-by-193', { x: large('x', [m, k]), y: large('y', [k, n]) }, plain, options),
  ),
]);
