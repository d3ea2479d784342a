// hardSigmoid, and its gradient at the corners, which is 0.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact(
    'hardSigmoid/gradient-at-the-corners-is-0',
    { x: integers('x', [3, 5, 7]) },
    (op, { x }) => op.hardSigmoid(x, { alpha: 0.25, beta: 0.5 }),
    { kinked: true },
  ),
  bounded('hardSigmoid/reals', { x: reals('x', [3, 5, 7], -4, 4) }, (op, { x }) =>
    op.hardSigmoid(x, { alpha: 0.2, beta: 0.5 }),
  ),
  bounded('hardSigmoid/falling', { x: reals('x', [4, 9], -4, 4) }, (op, { x }) =>
    op.hardSigmoid(x, { alpha: -0.3, beta: 0.4 }),
  ),
  exact(
    'hardSigmoid/scalars',
    { x: float32([], [-9]), y: float32([], [1]), z: float32([], [9]) },
    (op, { x, y, z }) => [x, y, z].map((value) => op.hardSigmoid(value, { alpha: 0.25, beta: 0.5 })),
  ),
];
