import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import { undecayed } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

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
