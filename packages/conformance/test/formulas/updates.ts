// Formulas of optimizers' updates.
import type { CompositeOp } from '@isonet/core';
import type { Formulas } from './formula.ts';
import { pointwise } from './formula.ts';

export const updates = {
  // Kingma and Ba 2014, algorithm 1; Loshchilov and Hutter 2017, algorithm 2.
  adamUpdate: pointwise((weight, gradient, mean, square, lr, correction1, correction2, attrs) => {
    const { beta1, beta2, epsilon, weightDecay, decoupled } = attrs;
    const g = decoupled ? gradient : gradient + weightDecay * weight;
    const nextMean = beta1 * mean + (1 - beta1) * g;
    const nextSquare = beta2 * square + (1 - beta2) * g ** 2;
    const along = (nextMean * correction1) / (Math.sqrt(nextSquare * correction2) + epsilon);
    const next = weight - lr * along - (decoupled ? lr * weightDecay * weight : 0);
    return [next, nextMean, nextSquare];
  }),
  sgdMomentumUpdate: pointwise((weight, gradient, velocity, lr, { momentum, nesterov, weightDecay }) => {
    const g = gradient + weightDecay * weight;
    const next = momentum * velocity + g;
    return [weight - lr * (nesterov ? g + momentum * next : next), next];
  }),
  sgdUpdate: pointwise(
    (weight, gradient, lr, { weightDecay }) => weight - lr * (gradient + weightDecay * weight),
  ),
} satisfies Partial<Formulas<CompositeOp>>;
