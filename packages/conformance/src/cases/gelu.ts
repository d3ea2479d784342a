// gelu, by erf and by tanh: around 0, where both bend, and in tails where a power of x overflows or a bell vanishes.
import { float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { kernel, oneOff } from '../faults/planted/fault.ts';
import type { Formula } from '../formula.ts';
import { pointwise } from '../formula.ts';

// The values near 0 show lost bits, which the bounds of the large ones hide; near 2.2 the two formulas differ most.
const far = [0.3, -1.7, 2.2, 6, -6, 20, -20, 90, -90, 800, -800];

export const cases: readonly Case[] = [false, true].flatMap((approximate) => {
  const name = `gelu/${approximate ? 'tanh' : 'erf'}`;
  return [
    bounded(`${name}-around-0`, { x: reals('x', [3, 5, 7], -4, 4) }, (op, { x }) =>
      op.gelu(x, { approximate }),
    ),
    bounded(`${name}-saturated`, { x: float32([11], far) }, (op, { x }) => op.gelu(x, { approximate })),
    bounded(`${name}-scalar`, { x: float32([], [2.2]) }, (op, { x }) => op.gelu(x, { approximate })),
  ];
});

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
