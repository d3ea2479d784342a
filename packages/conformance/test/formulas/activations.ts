// Formulas of activation functions and dropout.
import type { CompositeOp } from '@isonet/core';
import type { Formulas } from './formula.ts';
import { lineThrough, pointwise, sum } from './formula.ts';

/**
 * 2 / sqrt(pi) * e^(-z^2) * (z + 2 z^3 / 3 + 4 z^5 / 15 + ...) (Abramowitz and Stegun 7.1.6), whose terms all have
 * the same sign.
 */
function erf(z: number): number {
  if (Math.abs(z) > 6) return Math.sign(z);
  let [term, total] = [z, z];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * z * z) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * total;
}

export const activations = {
  clip: pointwise((x, { low, high }) => Math.min(high, Math.max(low, x))),
  dropout: pointwise((x, u, { rate }) => (u < rate ? 0 : x / (1 - rate))),
  gelu: pointwise((x, { approximate }) =>
    approximate
      ? (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : (x / 2) * (1 + erf(x / Math.SQRT2)),
  ),
  hardSigmoid: pointwise((x, { alpha, beta }) => Math.min(1, Math.max(0, alpha * x + beta))),
  leakyRelu: pointwise((x, { alpha }) => (x > 0 ? x : alpha * x)),
  prelu: pointwise((x, slope) => (x > 0 ? x : slope * x)),
  relu: pointwise((x) => Math.max(x, 0)),
  reluGrad: pointwise((y, dy) => (y > 0 ? dy : 0)),
  sigmoid: pointwise((x) => 1 / (1 + Math.exp(-x))),
  silu: pointwise((x) => x / (1 + Math.exp(-x))),
  // No maximum is subtracted: if e^(other - x) overflows, the result is 1 / infinity = 0.
  softmax: ([x], { axis }) => [
    x.data.map((value, i) => 1 / sum(lineThrough(x, axis, i).map((other) => Math.exp(other - value)))),
  ],
} satisfies Partial<Formulas<CompositeOp>>;
