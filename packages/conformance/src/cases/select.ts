// select: what is not chosen must leave no trace, not even as NaN.
import { bool, float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { coins, integers } from '../case/data.ts';

const tossed = coins('coins', [3, 5, 7]);

const ours = { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) };

export const cases: readonly Case[] = [
  exact('select/odd-size', { condition: tossed, ...ours }, (op, { condition, x, y }) =>
    op.select(condition, x, y),
  ),
  exact('select/computed-condition', ours, (op, { x, y }) => op.select(op.greater(x, y), x, y), {
    kinked: true,
  }),
  exact('select/one-value-twice', { condition: tossed, x: ours.x }, (op, { condition, x }) =>
    op.select(condition, x, x),
  ),
  exact(
    'select/unchosen-nan-and-infinity',
    {
      condition: bool([4], [true, false, true, false]),
      x: float32([4], [1, NaN, 2, Infinity]),
      y: float32([4], [NaN, 3, -Infinity, 4]),
    },
    (op, { condition, x, y }) => op.select(condition, x, y),
    { kinked: true },
  ),
  exact(
    'select/scalars',
    { condition: bool([], [false]), x: float32([], [1]), y: float32([], [2]) },
    (op, { condition, x, y }) => op.select(condition, x, y),
  ),
];
