// div: never exact, for a GPU may be off by two units even on powers of two.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('div/odd-size', { x: reals('x', [3, 5, 7]), y: reals('y', [3, 5, 7], 0.5, 3) }, (op, { x, y }) =>
    op.div(x, y),
  ),
  bounded('div/negative-divisor', { x: reals('x', [9]), y: reals('y', [9], -3, -0.25) }, (op, { x, y }) =>
    op.div(x, y),
  ),
  bounded('div/scalars', { x: reals('x', []), y: reals('y', [], 1, 2) }, (op, { x, y }) => op.div(x, y)),
  bounded('div/one-value-twice', { x: reals('x', [5], 1, 2) }, (op, { x }) => op.div(x, x)),
];
