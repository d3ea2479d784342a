// stopGradient passes the value but not the gradient. (Kinked: finite differences would measure the gradient that it stops.)
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('stopGradient', ({ exact }) => [
  exact('alone', { x: integers('x', [2, 3]) }, {}, kinked),
  exact(
    'one-of-two-ways',
    { x: integers('x', [2, 3]) },
    (op, { x }) => op.mul(x, op.stopGradient(x)),
    kinked,
  ),
]);
