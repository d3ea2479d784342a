// add, and one value as both operands.
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact(
    'add/odd-size',
    { x: integers('x', [3, 5, 7, 11]), y: integers('y', [3, 5, 7, 11]) },
    (op, { x, y }) => op.add(x, y),
  ),
  exact('add/scalars', { x: integers('x', []), y: integers('y', []) }, (op, { x, y }) => op.add(x, y)),
  exact('add/one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.add(x, x)),
  bounded('add/reals', { x: reals('x', [4, 9]), y: reals('y', [4, 9]) }, (op, { x, y }) => op.add(x, y)),
];
