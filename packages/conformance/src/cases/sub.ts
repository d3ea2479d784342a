// sub, and one value as both operands.
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('sub/odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }, (op, { x, y }) =>
    op.sub(x, y),
  ),
  exact('sub/scalars', { x: integers('x', []), y: integers('y', []) }, (op, { x, y }) => op.sub(x, y)),
  exact('sub/one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.sub(x, x)),
  bounded('sub/reals', { x: reals('x', [4, 9]), y: reals('y', [4, 9]) }, (op, { x, y }) => op.sub(x, y)),
];
