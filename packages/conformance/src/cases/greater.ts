// greater, at equality and at both ends of float32.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

const values = [1, 2, 2, -1, 0, 1e-30, 3e38, -3e38];

const others = [2, 1, 2, -2, 0, 0, 2e38, -2e38];

export const cases: readonly Case[] = [
  exact('greater/odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }, (op, { x, y }) =>
    op.greater(x, y),
  ),
  exact('greater/equal-and-extreme', { x: float32([8], values), y: float32([8], others) }, (op, { x, y }) =>
    op.greater(x, y),
  ),
  exact('greater/scalars', { x: float32([], [2]), y: float32([], [1]) }, (op, { x, y }) => op.greater(x, y)),
  exact('greater/one-value-twice', { x: integers('x', [5]) }, (op, { x }) => op.greater(x, x)),
];
