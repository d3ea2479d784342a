// mul, including one value as both operands.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('mul', ({ bounded, exact }) => [
  exact('odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }),
  exact('scalars', { x: integers('x', [], 2, 4), y: integers('y', [], 2, 4) }),
  exact('one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.mul(x, x)),
  bounded('reals', { x: reals('x', [4, 9]), y: reals('y', [4, 9]) }),
]);
