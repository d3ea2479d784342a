// adamUpdate: with L2 weight decay, with a decoupled one, at the first step, and for a weight that has no gradient.
import type { AttrsOf, Tensor } from '@isonet/core';
import { scalar } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

const shape = [3, 7];

const plain: AttrsOf<'adamUpdate'> = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  decoupled: false,
};

/** As at the third step. */
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

function on(
  name: string,
  feeds: Record<keyof typeof running, Tensor>,
  attrs: AttrsOf<'adamUpdate'>,
  options?: { readonly kinked?: boolean; readonly differentiable?: boolean },
): Case {
  return bounded(
    `adamUpdate/${name}`,
    feeds,
    (op, { weight, gradient, mean, square, lr, correction1, correction2 }) =>
      op.adamUpdate(weight, gradient, mean, square, lr, correction1, correction2, attrs),
    options,
  );
}

export const cases: readonly Case[] = [
  on('running', running, plain),
  on('weight-decay', running, { ...plain, weightDecay: 0.01 }),
  on('decoupled-weight-decay', running, { ...plain, weightDecay: 0.1, decoupled: true }),
  on('large-epsilon', running, { ...plain, beta1: 0.5, beta2: 0.75, epsilon: 0.2 }),
  // Kinked for being too steep at a square of 0.
  on('first-step', { ...first, gradient: reals('gradient', shape, 0.25, 1), lr: scalar(0.03) }, plain, {
    kinked: true,
  }),
  // The root of 0 has no derivative, but a weight that gets no gradient must not become NaN.
  on('zero-gradient', { ...first, gradient: flat(shape, 0) }, plain, { differentiable: false }),
];
