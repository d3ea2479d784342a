// Mutants of elementwise arithmetic.
import type { OpName } from '@isonet/core';
import type { Mutant, Mutants } from '../mutant.ts';
import { ignored, mutant, oneOff, swapped } from '../mutant.ts';
import { valued } from '../tensors.ts';

/** NaN at 0. */
const byReciprocalRoot: Mutant<'sqrt'> = mutant(
  'x times 1 / sqrt(x)',
  ({ operands: [x] }) => [valued(x, (value) => value * (1 / Math.sqrt(value)))],
  ({ operands: [x] }) => (x.data.some((value) => value === 0) ? undefined : 'there is no 0'),
);

/** Abramowitz and Stegun 7.1.27, off by 5e-4: erf(x) = 1 - 1 / (1 + a1 x + a2 x^2 + ...)^4 for x >= 0. */
const roughErf: Mutant<'erf'> = mutant('off by 5e-4', ({ operands: [z] }) => [
  valued(z, (value) => {
    const factors = [1, 0.278393, 0.230389, 0.000972, 0.078108];
    const sum = factors.reduceRight((total, a) => total * Math.abs(value) + a, 0);
    return Math.sign(value) * (1 - 1 / sum ** 4);
  }),
]);

export const arithmetic = {
  add: [oneOff(1, 'y')],
  sub: [oneOff(1, 'y'), swapped(0, 1)],
  mul: [oneOff(1, 'y')],
  div: [oneOff(1, 'y'), swapped(0, 1)],
  max: [oneOff(1, 'y')],
  min: [oneOff(1, 'y')],
  exp: [oneOff(0, 'x')],
  log: [oneOff(0, 'x')],
  sqrt: [oneOff(0, 'x'), byReciprocalRoot],
  erf: [oneOff(0, 'x'), roughErf],
  biasAdd: [oneOff(0, 'x'), oneOff(1, 'bias'), ignored(1, 'bias')],
  stopGradient: [oneOff(0, 'x')],
} satisfies Partial<Mutants<OpName>>;
