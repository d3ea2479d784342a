// leakyRelu and its slope, which is alpha at exactly 0.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('leakyRelu', ({ bounded, exact }) => [
  exact('reals', { x: reals('x', [3, 5, 7]) }, { alpha: 0.25 }),
  bounded('hundredth', { x: reals('x', [3, 5, 7]) }, { alpha: 0.01 }),
  exact('slope-at-0-is-alpha', { x: integers('x', [2, 3, 4, 5], -1, 1) }, { alpha: 0.5 }, kinked),
  // With these two values of alpha, max(x, alpha x) is a different function.
  exact('alpha-above-1', { x: reals('x', [9]) }, { alpha: 2 }),
  exact('negative-alpha', { x: reals('x', [9]) }, { alpha: -0.5 }),
  exact('scalars', { x: float32([], [-2]), y: float32([], [3]) }, (op, { x, y }) =>
    [x, y].map((value) => op.leakyRelu(value, { alpha: 0.25 })),
  ),
]);
