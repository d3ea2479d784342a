// matMul in its four ways to lie, and on real data in sums short enough to show lost bits.
import type { AttrsOf, Shape } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { matMulAtFullSize } from './fullSize.ts';

type Attrs = AttrsOf<'matMul'>;

const ways: readonly (readonly [name: string, attrs: Attrs])[] = [
  ['nn', { transposeA: false, transposeB: false }],
  ['nt', { transposeA: false, transposeB: true }],
  ['tn', { transposeA: true, transposeB: false }],
  ['tt', { transposeA: true, transposeB: true }],
];

/** How [M, K] times [K, N] lie. */
function lying(m: number, k: number, n: number, { transposeA, transposeB }: Attrs): readonly [Shape, Shape] {
  return [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
}

const sizes: readonly (readonly [name: string, m: number, k: number, n: number])[] = [
  ['odd-size', 5, 7, 3],
  ['row-by-column', 1, 9, 1],
  ['column-by-row', 6, 1, 5],
  // Crosses the tile sizes that fast kernels like, by one.
  ['odd-tiles', 33, 65, 17],
];

export const cases: readonly Case[] = [
  ...ways.flatMap(([way, attrs]) =>
    sizes.map(([name, m, k, n]) => {
      const [x, y] = lying(m, k, n, attrs);
      const feeds = { x: integers('x', x), y: integers('y', y) };
      return exact(`matMul/${name}-${way}`, feeds, (op, values) => op.matMul(values.x, values.y, attrs));
    }),
  ),
  exact(
    'matMul/scalars-almost',
    { x: integers('x', [1, 1], 2, 4), y: integers('y', [1, 1], 2, 4) },
    (op, { x, y }) => op.matMul(x, y, { transposeA: false, transposeB: false }),
  ),
  exact('matMul/long-sums', { x: integers('x', [3, 1031]), y: integers('y', [1031, 4]) }, (op, { x, y }) =>
    op.matMul(x, y, { transposeA: false, transposeB: false }),
  ),
  exact('matMul/one-value-twice', { x: integers('x', [4, 5]) }, (op, { x }) =>
    op.matMul(x, x, { transposeA: false, transposeB: true }),
  ),
  exact('matMul/square-in-all-ways', { x: integers('x', [4, 4]), y: integers('y', [4, 4]) }, (op, { x, y }) =>
    ways.map(([, attrs]) => op.matMul(x, y, attrs)),
  ),
  // No sum has more than 24 terms, the gradients' neither: only short sums show inputs that were rounded to fewer bits.
  ...ways.map(([way, attrs]) => {
    const [x, y] = lying(12, 24, 10, attrs);
    const feeds = { x: reals('x', x), y: reals('y', y) };
    return bounded(`matMul/reals-${way}`, feeds, (op, values) => op.matMul(values.x, values.y, attrs));
  }),
  ...matMulAtFullSize,
];
