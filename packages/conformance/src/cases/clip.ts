// clip: no rounding, so exact on any numbers. At the limits themselves the gradient passes.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('clip/reals', { x: reals('x', [3, 5, 7]) }, (op, { x }) => op.clip(x, { low: -0.5, high: 0.25 })),
  exact(
    'clip/gradient-passes-at-the-limits',
    { x: integers('x', [2, 3, 4, 5]) },
    (op, { x }) => op.clip(x, { low: -2, high: 3 }),
    { kinked: true },
  ),
  exact('clip/both-limits-positive', { x: reals('x', [31], -2, 4) }, (op, { x }) =>
    op.clip(x, { low: 1, high: 2.5 }),
  ),
  exact('clip/low-is-high', { x: reals('x', [31]) }, (op, { x }) => op.clip(x, { low: 0.5, high: 0.5 })),
  // ReLU6 (Krizhevsky 2010).
  exact('clip/relu6', { x: reals('x', [31], -9, 9) }, (op, { x }) => op.clip(x, { low: 0, high: 6 })),
  exact('clip/scalars', { x: float32([], [-5]), y: float32([], [0.5]) }, (op, { x, y }) =>
    [x, y].map((value) => op.clip(value, { low: -1, high: 1 })),
  ),
];
