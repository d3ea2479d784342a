// Mutants of optimizers' updates.
import type { OpName } from '@isonet/core';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { mutant, oneOff, swapped } from '../mutant.ts';
import { isZero, valued } from '../tensors.ts';

const noWeightDecay: Mutant<'adamUpdate' | 'sgdMomentumUpdate' | 'sgdUpdate'> = mutant(
  'no weight decay',
  ({ node: { attrs }, right }) =>
    attrs.weightDecay === 0 ? 'there is no weight decay' : right({ attrs: { ...attrs, weightDecay: 0 } }),
);

/** Equivalent for a small epsilon, which does not matter next to the square. */
const epsilonInside: Mutant<'adamUpdate'> = mutant(
  'epsilon inside the square root',
  ({ node: { attrs }, operands: [weight, , , , lr, correction1, correction2], right }) => {
    if (attrs.epsilon < 1e-3) return 'epsilon is small';
    const [, mean, square] = right();
    const [rate = NaN, up = NaN, wide = NaN] = [lr, correction1, correction2].map(({ data }) => data[0]);
    const next = valued(weight, (value, i) => {
      const [m = NaN, v = NaN] = [mean.data[i], square.data[i]];
      return value - (rate * m * up) / Math.sqrt(v * wide + attrs.epsilon);
    });
    return [next, mean, square];
  },
);

/** For `equivalent`: the corrections scale only the running means of the gradient. */
function withoutGradient({ operands: [, gradient, mean] }: Work<'adamUpdate'>): string | undefined {
  return isZero(gradient) && isZero(mean) ? 'there is no gradient' : undefined;
}

export const updates = {
  adamUpdate: [
    oneOff(0, 'weight'),
    oneOff(1, 'gradient'),
    oneOff(2, 'mean'),
    oneOff(3, 'square'),
    swapped(5, 6, withoutGradient),
    noWeightDecay,
    epsilonInside,
  ],
  sgdMomentumUpdate: [oneOff(0, 'weight'), oneOff(1, 'gradient'), oneOff(2, 'velocity'), noWeightDecay],
  sgdUpdate: [oneOff(0, 'weight'), oneOff(1, 'gradient'), noWeightDecay],
} satisfies Partial<Mutants<OpName>>;
