// sgdMomentumUpdate, in both forms.
import { scalar } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

const shape = [3, 5, 7];

const whole = {
  weight: integers('weight', shape),
  gradient: integers('gradient', shape),
  velocity: integers('velocity', shape),
  lr: scalar(0.5),
};

const real = {
  weight: reals('weight', [3, 7]),
  gradient: reals('gradient', [3, 7]),
  velocity: reals('velocity', [3, 7]),
  lr: scalar(0.05),
};

export const cases: readonly Case[] = [
  exact('sgdMomentumUpdate/momentum', whole, (op, { weight, gradient, velocity, lr }) =>
    op.sgdMomentumUpdate(weight, gradient, velocity, lr, { momentum: 0.5, nesterov: false, weightDecay: 0 }),
  ),
  exact('sgdMomentumUpdate/nesterov-weight-decay', whole, (op, { weight, gradient, velocity, lr }) =>
    op.sgdMomentumUpdate(weight, gradient, velocity, lr, {
      momentum: 0.5,
      nesterov: true,
      weightDecay: 0.25,
    }),
  ),
  bounded('sgdMomentumUpdate/reals', real, (op, { weight, gradient, velocity, lr }) =>
    op.sgdMomentumUpdate(weight, gradient, velocity, lr, {
      momentum: 0.85,
      nesterov: true,
      weightDecay: 5e-4,
    }),
  ),
];
