// div, which is never exact: a GPU may be off by two units in the last place even on powers of two.
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('div', ({ bounded }) => [
  bounded('odd-size', { x: reals('x', [3, 5, 7]), y: reals('y', [3, 5, 7], 0.5, 3) }),
  bounded('negative-divisor', { x: reals('x', [9]), y: reals('y', [9], -3, -0.25) }),
  bounded('scalars', { x: reals('x', []), y: reals('y', [], 1, 2) }),
  bounded('one-value-twice', { x: reals('x', [5], 1, 2) }, (op, { x }) => op.div(x, x)),
]);
