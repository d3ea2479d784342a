// dense, and its three gradients.
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact(
    'dense/odd-size',
    { x: integers('x', [3, 7]), w: integers('w', [5, 7]), bias: integers('bias', [5]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
  exact(
    'dense/one-row',
    { x: integers('x', [1, 65]), w: integers('w', [10, 65]), bias: integers('bias', [10]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
  exact(
    'dense/one-unit',
    { x: integers('x', [4, 3]), w: integers('w', [1, 3]), bias: integers('bias', [1]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
  exact(
    'dense/two-layers',
    {
      x: integers('x', [3, 5], -2, 2),
      w1: integers('w1', [4, 5], -2, 2),
      b1: integers('b1', [4]),
      w2: integers('w2', [2, 4], -2, 2),
      b2: integers('b2', [2]),
    },
    (op, { x, w1, b1, w2, b2 }) => op.dense(op.relu(op.dense(x, w1, b1)), w2, b2),
    { kinked: true },
  ),
  bounded(
    'dense/reals',
    { x: reals('x', [6, 20]), w: reals('w', [8, 20]), bias: reals('bias', [8]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
];
