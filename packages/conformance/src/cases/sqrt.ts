// sqrt, within the units in the last place that tolerance.ts allows; of 0 it is 0.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

const extremes = [1e-36, 3e-30, 1e-12, 2, 1e12, 5e30, 3.4e38];

export const cases: readonly Case[] = [
  bounded('sqrt/around-1', { x: reals('x', [3, 5, 7], 0.25, 4) }, (op, { x }) => op.sqrt(x)),
  bounded('sqrt/large', { x: reals('x', [33], 1e2, 1e4) }, (op, { x }) => op.sqrt(x)),
  bounded('sqrt/scalar', { x: reals('x', [], 2, 3) }, (op, { x }) => op.sqrt(x)),
  // (Marked as kinked for being too small and too large for differences.)
  bounded('sqrt/extremes', { x: float32([7], extremes) }, (op, { x }) => op.sqrt(x), { kinked: true }),
  // The norm of gradients that are all 0. A root that is made of its inverse is NaN there.
  bounded('sqrt/zero', { x: flat([2, 3], 0) }, (op, { x }) => op.sqrt(x), { differentiable: false }),
];
