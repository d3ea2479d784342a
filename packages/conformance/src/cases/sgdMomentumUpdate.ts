// sgdMomentumUpdate, with plain and with Nesterov momentum.
import { scalar, type Shape, type Tensor } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

type InputName = 'weight' | 'gradient' | 'velocity' | 'lr';

function feedsOf(draw: typeof integers, shape: Shape, lr: number): Record<InputName, Tensor> {
  return {
    weight: draw('weight', shape),
    gradient: draw('gradient', shape),
    velocity: draw('velocity', shape),
    lr: scalar(lr),
  };
}

const integral = feedsOf(integers, [3, 5, 7], 0.5);

export const cases: readonly Case[] = casesFor('sgdMomentumUpdate', ({ bounded, exact }) => [
  exact('momentum', integral, { momentum: 0.5, nesterov: false, weightDecay: 0 }),
  exact('nesterov-weight-decay', integral, { momentum: 0.5, nesterov: true, weightDecay: 0.25 }),
  bounded('reals', feedsOf(reals, [3, 7], 0.05), { momentum: 0.85, nesterov: true, weightDecay: 5e-4 }),
]);
