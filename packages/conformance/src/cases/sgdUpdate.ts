// sgdUpdate; its gradients are nobody's need, but they try the derivative of a decomposition.
import { scalar } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

const whole = {
  weight: integers('weight', [3, 5, 7]),
  gradient: integers('gradient', [3, 5, 7]),
  lr: scalar(0.5),
};

const real = { weight: reals('weight', [3, 7]), gradient: reals('gradient', [3, 7]), lr: scalar(0.05) };

export const cases: readonly Case[] = [
  exact('sgdUpdate/plain', whole, (op, { weight, gradient, lr }) =>
    op.sgdUpdate(weight, gradient, lr, { weightDecay: 0 }),
  ),
  exact('sgdUpdate/weight-decay', whole, (op, { weight, gradient, lr }) =>
    op.sgdUpdate(weight, gradient, lr, { weightDecay: 0.25 }),
  ),
  bounded('sgdUpdate/reals', real, (op, { weight, gradient, lr }) =>
    op.sgdUpdate(weight, gradient, lr, { weightDecay: 5e-4 }),
  ),
];
