// relu and its gradient, which is 0 at exactly 0.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('relu', ({ exact }) => [
  exact('reals', { x: reals('x', [3, 5, 7]) }),
  exact('gradient-at-0-is-0', { x: integers('x', [2, 3, 4, 5], -1, 1) }, {}, kinked),
  exact('scalars', { x: float32([], [-2]), y: float32([], [3]) }, (op, { x, y }) => [op.relu(x), op.relu(y)]),
  exact('twice', { x: reals('x', [9]) }, (op, { x }) => op.relu(op.relu(x))),
]);
