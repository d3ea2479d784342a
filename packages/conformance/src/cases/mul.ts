// mul, and one value as both operands.
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('mul/odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }, (op, { x, y }) =>
    op.mul(x, y),
  ),
  exact('mul/scalars', { x: integers('x', [], 2, 4), y: integers('y', [], 2, 4) }, (op, { x, y }) =>
    op.mul(x, y),
  ),
  exact('mul/one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.mul(x, x)),
  bounded('mul/reals', { x: reals('x', [4, 9]), y: reals('y', [4, 9]) }, (op, { x, y }) => op.mul(x, y)),
];
