// dense and its three gradients.
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('dense', ({ bounded, exact }) => [
  exact('odd-size', { x: integers('x', [3, 7]), w: integers('w', [5, 7]), bias: integers('bias', [5]) }),
  exact('one-row', { x: integers('x', [1, 65]), w: integers('w', [10, 65]), bias: integers('bias', [10]) }),
  exact('one-unit', { x: integers('x', [4, 3]), w: integers('w', [1, 3]), bias: integers('bias', [1]) }),
  exact(
    'two-layers',
    {
      x: integers('x', [3, 5], -2, 2),
      w1: integers('w1', [4, 5], -2, 2),
      b1: integers('b1', [4]),
      w2: integers('w2', [2, 4], -2, 2),
      b2: integers('b2', [2]),
    },
    (op, { x, w1, b1, w2, b2 }) => op.dense(op.relu(op.dense(x, w1, b1)), w2, b2),
    kinked,
  ),
  bounded('reals', { x: reals('x', [6, 20]), w: reals('w', [8, 20]), bias: reals('bias', [8]) }),
]);
