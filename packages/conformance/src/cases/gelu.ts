// gelu by erf and by tanh: around 0, where both functions curve, and far out, where a power of x overflows or the
// Gaussian underflows.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

// The values near 0 reveal lost bits, which the wide bounds of the large values hide; the two formulas differ most near 2.2.
const far = [0.3, -1.7, 2.2, 6, -6, 20, -20, 90, -90, 800, -800];

export const cases: readonly Case[] = casesFor('gelu', ({ bounded }) =>
  [false, true].flatMap((approximate) => {
    const name = approximate ? 'tanh' : 'erf';
    return [
      bounded(`${name}-around-0`, { x: reals('x', [3, 5, 7], -4, 4) }, { approximate }),
      bounded(`${name}-saturated`, { x: float32([11], far) }, { approximate }),
      bounded(`${name}-scalar`, { x: float32([], [2.2]) }, { approximate }),
    ];
  }),
);
