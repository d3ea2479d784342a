// relu, and its gradient at exactly 0.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('relu/reals', { x: reals('x', [3, 5, 7]) }, (op, { x }) => op.relu(x)),
  exact('relu/gradient-at-0-is-0', { x: integers('x', [2, 3, 4, 5], -1, 1) }, (op, { x }) => op.relu(x), {
    kinked: true,
  }),
  exact('relu/scalars', { x: float32([], [-2]), y: float32([], [3]) }, (op, { x, y }) => [
    op.relu(x),
    op.relu(y),
  ]),
  exact('relu/twice', { x: reals('x', [9]) }, (op, { x }) => op.relu(op.relu(x))),
];
