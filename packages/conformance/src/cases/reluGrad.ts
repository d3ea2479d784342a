// reluGrad on relu's output and on relu's input, including exactly 0, and its own gradient.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('reluGrad', ({ exact }) => [
  exact('reals', { y: reals('y', [3, 5, 7]), dy: reals('dy', [3, 5, 7]) }),
  exact('zeros', { y: integers('y', [2, 3, 4, 5], -1, 1), dy: reals('dy', [2, 3, 4, 5]) }, {}, kinked),
  exact(
    'of-relu',
    { x: reals('x', [2, 24, 3, 3]), dy: reals('dy', [2, 24, 3, 3]) },
    (op, { x, dy }) => op.reluGrad(op.relu(x), dy),
    kinked,
  ),
  exact(
    'scalars',
    { x: float32([], [-2]), y: float32([], [3]), dy: float32([], [0.7]) },
    (op, { x, y, dy }) => [op.reluGrad(x, dy), op.reluGrad(y, dy)],
  ),
]);
