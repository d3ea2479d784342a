import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'gelu'> = pointwise((x, { approximate }) =>
  approximate
    ? (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : (x / 2) * (1 + erf(x / Math.SQRT2)),
);

/** 2 / sqrt(pi) * e^(-z^2) * (z + 2 z^3 / 3 + 4 z^5 / 15 + ...) (Abramowitz and Stegun 7.1.6), all terms of one sign. */
function erf(z: number): number {
  if (Math.abs(z) > 6) return Math.sign(z);
  let [term, sum] = [z, z];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

const otherWay: Fault<'gelu'> = {
  name: 'tanh for erf, or erf for tanh',
  plant: ({ node }) => ({ attrs: { approximate: !node.attrs.approximate } }),
};

export const faults: readonly Fault<'gelu'>[] = [
  oneOff(0, 'x'),
  otherWay,
  kernel('gelu: x times sigmoid(1.702 x)'),
];
