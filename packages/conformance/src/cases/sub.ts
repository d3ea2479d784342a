// sub, and one value as both operands.
import type { Case } from '../case.ts';
import { bounded, exact } from '../case.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { exchanged, oneOff } from '../faults/planted/fault.ts';

export const cases: readonly Case[] = [
  exact('sub/odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }, (op, { x, y }) =>
    op.sub(x, y),
  ),
  exact('sub/scalars', { x: integers('x', []), y: integers('y', []) }, (op, { x, y }) => op.sub(x, y)),
  exact('sub/one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.sub(x, x)),
  bounded('sub/reals', { x: reals('x', [4, 9]), y: reals('y', [4, 9]) }, (op, { x, y }) => op.sub(x, y)),
];

export const faults: readonly Fault<'sub'>[] = [oneOff(1, 'y'), exchanged(0, 1)];
