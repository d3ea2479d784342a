// adamUpdate: with L2 and with decoupled weight decay, at the first step, and for a weight whose gradient is 0.
import { scalar } from '@isonet/core';
import { type Case, casesFor, forwardOnly, kinked } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

const shape = [3, 7];
const plain = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false };

/** The inputs of the third step. */
const running = {
  weight: reals('weight', shape),
  gradient: reals('gradient', shape),
  mean: reals('mean', shape),
  square: reals('square', shape, 0.25, 1),
  lr: scalar(0.05),
  correction1: scalar(1 / (1 - 0.9 ** 3)),
  correction2: scalar(1 / (1 - 0.999 ** 3)),
};

const first = {
  ...running,
  mean: flat(shape, 0),
  square: flat(shape, 0),
  correction1: scalar(1 / (1 - 0.9)),
  correction2: scalar(1 / (1 - 0.999)),
};

export const cases: readonly Case[] = casesFor('adamUpdate', ({ bounded }) => [
  bounded('running', running, plain),
  bounded('weight-decay', running, { ...plain, weightDecay: 0.01 }),
  bounded('decoupled-weight-decay', running, { ...plain, weightDecay: 0.1, decoupled: true }),
  bounded('large-epsilon', running, { ...plain, beta1: 0.5, beta2: 0.75, epsilon: 0.2 }),
  // Kinked: at a square of 0 the slope is too steep for finite differences.
  bounded(
    'first-step',
    { ...first, gradient: reals('gradient', shape, 0.25, 1), lr: scalar(0.03) },
    plain,
    kinked,
  ),
  // The square root has no derivative at 0, but the update of a weight whose gradient is 0 must not be NaN.
  bounded('zero-gradient', { ...first, gradient: flat(shape, 0) }, plain, forwardOnly),
]);
