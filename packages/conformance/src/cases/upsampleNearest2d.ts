// upsampleNearest2d copies, so it is exact; its gradient sums the copies.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('upsampleNearest2d', ({ bounded, exact }) => [
  exact('twice', { x: integers('x', [2, 3, 3, 4]) }, { scales: [2, 2] }),
  exact('different-vertical-scale', { x: integers('x', [2, 2, 3, 5]) }, { scales: [3, 2] }),
  exact('rows-alone', { x: integers('x', [1, 3, 4, 3]) }, { scales: [4, 1] }),
  exact('columns-alone', { x: integers('x', [3, 1, 2, 3]) }, { scales: [1, 3] }),
  exact('as-it-is', { x: integers('x', [2, 3, 4, 5]) }, { scales: [1, 1] }),
  exact('one-pixel', { x: integers('x', [2, 5, 1, 1]) }, { scales: [3, 2] }),
  bounded('reals', { x: reals('x', [2, 3, 5, 3]) }, { scales: [2, 3] }),
]);
