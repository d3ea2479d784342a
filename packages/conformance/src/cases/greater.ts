// greater, including equal values and both ends of the range of float32.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';

const values = [1, 2, 2, -1, 0, 1e-30, 3e38, -3e38];
const others = [2, 1, 2, -2, 0, 0, 2e38, -2e38];

export const cases: readonly Case[] = casesFor('greater', ({ exact }) => [
  exact('odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }),
  exact('equal-and-extreme', { x: float32([8], values), y: float32([8], others) }),
  exact('scalars', { x: float32([], [2]), y: float32([], [1]) }),
  exact('one-value-twice', { x: integers('x', [5]) }, (op, { x }) => op.greater(x, x)),
]);
