// hardSigmoid and its gradient, which is 0 at the corners.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('hardSigmoid', ({ bounded, exact }) => [
  exact('gradient-at-the-corners-is-0', { x: integers('x', [3, 5, 7]) }, { alpha: 0.25, beta: 0.5 }, kinked),
  bounded('reals', { x: reals('x', [3, 5, 7], -4, 4) }, { alpha: 0.2, beta: 0.5 }),
  bounded('falling', { x: reals('x', [4, 9], -4, 4) }, { alpha: -0.3, beta: 0.4 }),
  exact('scalars', { x: float32([], [-9]), y: float32([], [1]), z: float32([], [9]) }, (op, { x, y, z }) =>
    [x, y, z].map((value) => op.hardSigmoid(value, { alpha: 0.25, beta: 0.5 })),
  ),
]);
