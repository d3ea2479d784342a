// min: no rounding, so exact on any numbers. A tie sends the gradient to x.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { distinct, flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact(
    'min/distinct',
    { x: distinct('x', [3, 5, 7]), y: distinct('y', [3, 5, 7]) },
    (op, { x, y }) => op.min(x, y),
    { kinked: true }, // Two permutations meet somewhere.
  ),
  exact('min/reals', { x: reals('x', [31]), y: reals('y', [31]) }, (op, { x, y }) => op.min(x, y)),
  exact('min/ties-go-to-x', { x: flat([2, 5], 3), y: flat([2, 5], 3) }, (op, { x, y }) => op.min(x, y), {
    kinked: true,
  }),
  exact('min/one-value-twice', { x: distinct('x', [7]) }, (op, { x }) => op.min(x, x), { kinked: true }),
  exact('min/scalars', { x: float32([], [-2]), y: float32([], [-3]) }, (op, { x, y }) => op.min(x, y)),
];
