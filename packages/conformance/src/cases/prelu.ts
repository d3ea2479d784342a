// prelu on images, rows and sequences, with slopes of every kind.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('prelu', ({ bounded, exact }) => [
  exact('images', { x: integers('x', [2, 3, 4, 5]), slope: float32([3], [0.25, -0.5, 2]) }, {}, kinked),
  exact('rows', { x: integers('x', [4, 7]), slope: integers('slope', [7]) }, {}, kinked),
  exact('sequences', { x: integers('x', [2, 3, 5]), slope: integers('slope', [3]) }, {}, kinked),
  bounded('reals', { x: reals('x', [2, 3, 4, 5]), slope: reals('slope', [3], 0, 1) }),
  bounded('one-channel', { x: reals('x', [5, 1, 3]), slope: reals('slope', [1]) }),
]);
