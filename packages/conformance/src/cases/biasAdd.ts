// biasAdd on images, rows and sequences.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('biasAdd', ({ bounded, exact }) => [
  exact('images', { x: integers('x', [2, 3, 4, 5]), bias: integers('bias', [3]) }),
  exact('rows', { x: integers('x', [4, 7]), bias: integers('bias', [7]) }),
  exact('sequences', { x: integers('x', [2, 3, 5]), bias: integers('bias', [3]) }),
  exact('one-channel', { x: integers('x', [2, 1, 3, 3]), bias: integers('bias', [1]) }),
  exact('one-pixel', { x: integers('x', [1, 5, 1, 1]), bias: integers('bias', [5]) }),
  bounded('reals', { x: reals('x', [2, 3, 4, 5]), bias: reals('bias', [3]) }),
]);
