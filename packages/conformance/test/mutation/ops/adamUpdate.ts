import type { Fault, Work } from '../fault.ts';
import { exchanged, oneOff } from '../fault.ts';
import { undecayed } from '../functions.ts';
import { isZero } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';
import { shape, running } from '../../../src/cases/adamUpdate.ts';

// Kingma and Ba 2014, algorithm 1; Loshchilov and Hutter 2017, algorithm 2.
export const formula: Formula<'adamUpdate'> = pointwise(
  (weight, gradient, mean, square, lr, correction1, correction2, attrs) => {
    const { beta1, beta2, epsilon, weightDecay, decoupled } = attrs;
    const g = decoupled ? gradient : gradient + weightDecay * weight;
    const nextMean = beta1 * mean + (1 - beta1) * g;
    const nextSquare = beta2 * square + (1 - beta2) * g ** 2;
    const along = (nextMean * correction1) / (Math.sqrt(nextSquare * correction2) + epsilon);
    const next = weight - lr * along - (decoupled ? lr * weightDecay * weight : 0);
    return [next, nextMean, nextSquare];
  },
);

export const faults: readonly Fault<'adamUpdate'>[] = [
  oneOff(0, 'weight'),
  oneOff(1, 'gradient'),
  oneOff(2, 'mean'),
  oneOff(3, 'square'),
  exchanged(5, 6, withoutGradient),
  undecayed,
];

/** Corrections scale the gradient's running means alone. */
function withoutGradient({ operands: [, gradient, mean] }: Work<'adamUpdate'>): string | undefined {
  return isZero(gradient) && isZero(mean) ? 'there is no gradient' : undefined;
}
