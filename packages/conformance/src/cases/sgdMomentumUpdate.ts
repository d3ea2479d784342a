// sgdMomentumUpdate, in both forms.
import { scalar } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded, exact } from '../case.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { oneOff } from '../faults/planted/fault.ts';
import { undecayed } from '../faults/planted/functions.ts';
import type { Formula } from '../formula.ts';
import { pointwise } from '../formula.ts';

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

export const formula: Formula<'sgdMomentumUpdate'> = pointwise(
  (weight, gradient, velocity, lr, { momentum, nesterov, weightDecay }) => {
    const g = gradient + weightDecay * weight;
    const next = momentum * velocity + g;
    return [weight - lr * (nesterov ? g + momentum * next : next), next];
  },
);

export const faults: readonly Fault<'sgdMomentumUpdate'>[] = [
  oneOff(0, 'weight'),
  oneOff(1, 'gradient'),
  oneOff(2, 'velocity'),
  undecayed,
];
