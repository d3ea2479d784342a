// clip, which never rounds, so it is exact on any data. The gradient passes at the limits themselves.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('clip', ({ exact }) => [
  exact('reals', { x: reals('x', [3, 5, 7]) }, { low: -0.5, high: 0.25 }),
  exact('gradient-passes-at-the-limits', { x: integers('x', [2, 3, 4, 5]) }, { low: -2, high: 3 }, kinked),
  exact('both-limits-positive', { x: reals('x', [31], -2, 4) }, { low: 1, high: 2.5 }),
  exact('low-is-high', { x: reals('x', [31]) }, { low: 0.5, high: 0.5 }),
  // ReLU6 (Krizhevsky 2010).
  exact('relu6', { x: reals('x', [31], -9, 9) }, { low: 0, high: 6 }),
  exact('scalars', { x: float32([], [-5]), y: float32([], [0.5]) }, (op, { x, y }) =>
    [x, y].map((value) => op.clip(value, { low: -1, high: 1 })),
  ),
]);
