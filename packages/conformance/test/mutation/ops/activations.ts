// Mutants of activation functions.
import type { OpName } from '@isonet/core';
import { compute } from '../evaluate.ts';
import type { Mutant, Mutants, Work } from '../mutant.ts';
import { mutant, oneOff, oneResult } from '../mutant.ts';
import { valued } from '../tensors.ts';

const throughZero: Mutant<'reluGrad'> = mutant('a gradient where y is 0', ({ operands: [y, dy] }) =>
  y.data.some((value, i) => value === 0 && dy.data[i] !== 0)
    ? [valued(dy, (gradient, i) => ((y.data[i] ?? NaN) < 0 ? 0 : gradient))]
    : 'no gradient arrives at a 0',
);

/** Right as long as alpha is at most 1. */
const largerOfBoth: Mutant<'leakyRelu'> = mutant('max(x, alpha x)', ({ node, operands: [x] }) => {
  const { alpha } = node.attrs;
  return alpha <= 1 ? 'alpha is at most 1' : [valued(x, (value) => Math.max(value, alpha * value))];
});

const otherApproximation: Mutant<'gelu'> = mutant('erf for tanh, or tanh for erf', ({ node, right }) =>
  right({ attrs: { approximate: !node.attrs.approximate } }),
);

const bySigmoid: Mutant<'gelu'> = mutant('x times sigmoid(1.702 x)', ({ operands: [x] }) => [
  valued(x, (value) => value / (1 + Math.exp(-1.702 * value))),
]);

const gateAlone: Mutant<'silu'> = mutant('the gate alone', ({ operands }) =>
  compute(operands, (b, [x]) => [b.op.sigmoid(x)]),
);

/** Computes infinity / infinity for large x. */
const siluByQuotient: Mutant<'silu'> = mutant(
  'a quotient of exponentials',
  ({ operands: [x] }) => [valued(x, (value) => (value * Math.exp(value)) / (Math.exp(value) + 1))],
  withinRange,
);

/** Computes infinity / infinity for large x. */
const tanhByQuotient: Mutant<'tanh'> = mutant(
  'a quotient of exponentials',
  ({ operands: [x] }) => [
    valued(x, (value) => {
      const [up, down] = [Math.exp(value), Math.exp(-value)];
      return (up - down) / (up + down);
    }),
  ],
  withinRange,
);

/** For `equivalent`: no exponential overflows in float64, in which mutants are evaluated. */
export function withinRange({ operands: [x] }: Work<'silu' | 'softmax' | 'tanh'>): string | undefined {
  return x.data.every((value) => Math.abs(value) < 700) ? 'no exponential overflows' : undefined;
}

export const activations = {
  clip: [oneOff(0, 'x', oneResult)],
  gelu: [oneOff(0, 'x'), otherApproximation, bySigmoid],
  hardSigmoid: [oneOff(0, 'x')],
  leakyRelu: [oneOff(0, 'x'), largerOfBoth],
  prelu: [oneOff(0, 'x'), oneOff(1, 'slope')],
  relu: [oneOff(0, 'x')],
  reluGrad: [oneOff(0, 'y'), oneOff(1, 'dy'), throughZero],
  sigmoid: [oneOff(0, 'x')],
  silu: [oneOff(0, 'x'), gateAlone, siluByQuotient],
  tanh: [oneOff(0, 'x'), tanhByQuotient],
} satisfies Partial<Mutants<OpName>>;
