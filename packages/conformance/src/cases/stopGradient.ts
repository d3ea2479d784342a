// stopGradient: the value passes, the gradient does not.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

// Kinked: what stops a gradient has none of the derivatives that differences would measure.
export const cases: readonly Case[] = [
  exact('stopGradient/alone', { x: integers('x', [2, 3]) }, (op, { x }) => op.stopGradient(x), {
    kinked: true,
  }),
  exact(
    'stopGradient/one-of-two-ways',
    { x: integers('x', [2, 3]) },
    (op, { x }) => op.mul(x, op.stopGradient(x)),
    {
      kinked: true,
    },
  ),
];
