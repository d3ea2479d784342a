// sgdUpdate. Training never uses its gradients, but they test the derivative of a decomposition.
import { scalar } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

const integral = {
  weight: integers('weight', [3, 5, 7]),
  gradient: integers('gradient', [3, 5, 7]),
  lr: scalar(0.5),
};

const real = { weight: reals('weight', [3, 7]), gradient: reals('gradient', [3, 7]), lr: scalar(0.05) };

export const cases: readonly Case[] = casesFor('sgdUpdate', ({ bounded, exact }) => [
  exact('plain', integral, { weightDecay: 0 }),
  exact('weight-decay', integral, { weightDecay: 0.25 }),
  bounded('reals', real, { weightDecay: 5e-4 }),
]);
