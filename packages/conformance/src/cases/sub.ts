// sub, including one value as both operands.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('sub', ({ bounded, exact }) => [
  exact('odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }),
  exact('scalars', { x: integers('x', []), y: integers('y', []) }),
  exact('one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.sub(x, x)),
  bounded('reals', { x: reals('x', [4, 9]), y: reals('y', [4, 9]) }),
]);
