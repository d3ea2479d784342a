// stopGradient: the value passes, the gradient does not.
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { oneOff } from '../faults/planted/fault.ts';

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

export const faults: readonly Fault<'stopGradient'>[] = [oneOff(0, 'x')];
