// leakyRelu, and its slope at exactly 0, which is alpha.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('leakyRelu/reals', { x: reals('x', [3, 5, 7]) }, (op, { x }) => op.leakyRelu(x, { alpha: 0.25 })),
  bounded('leakyRelu/hundredth', { x: reals('x', [3, 5, 7]) }, (op, { x }) =>
    op.leakyRelu(x, { alpha: 0.01 }),
  ),
  exact(
    'leakyRelu/slope-at-0-is-alpha',
    { x: integers('x', [2, 3, 4, 5], -1, 1) },
    (op, { x }) => op.leakyRelu(x, { alpha: 0.5 }),
    { kinked: true },
  ),
  // max(x, alpha x) is another function for these two.
  exact('leakyRelu/alpha-above-1', { x: reals('x', [9]) }, (op, { x }) => op.leakyRelu(x, { alpha: 2 })),
  exact('leakyRelu/negative-alpha', { x: reals('x', [9]) }, (op, { x }) => op.leakyRelu(x, { alpha: -0.5 })),
  exact('leakyRelu/scalars', { x: float32([], [-2]), y: float32([], [3]) }, (op, { x, y }) => [
    op.leakyRelu(x, { alpha: 0.25 }),
    op.leakyRelu(y, { alpha: 0.25 }),
  ]),
];
