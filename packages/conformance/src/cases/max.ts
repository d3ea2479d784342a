// max: no rounding, so exact on any numbers. A tie sends the gradient to x.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { distinct, flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact(
    'max/distinct',
    { x: distinct('x', [3, 5, 7]), y: distinct('y', [3, 5, 7]) },
    (op, { x, y }) => op.max(x, y),
    {
      kinked: true, // Two permutations meet somewhere.
    },
  ),
  exact('max/reals', { x: reals('x', [31]), y: reals('y', [31]) }, (op, { x, y }) => op.max(x, y)),
  exact('max/ties-go-to-x', { x: flat([2, 5], 3), y: flat([2, 5], 3) }, (op, { x, y }) => op.max(x, y), {
    kinked: true,
  }),
  exact('max/one-value-twice', { x: distinct('x', [7]) }, (op, { x }) => op.max(x, x), { kinked: true }),
  exact('max/scalars', { x: float32([], [-2]), y: float32([], [-3]) }, (op, { x, y }) => op.max(x, y)),
];
