// sqrt, to within the units in the last place that rounding/table.ts allows; the root of 0 is exactly 0.
import { float32 } from '@isonet/core';
import { type Case, casesFor, forwardOnly, kinked } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

const extremes = [1e-36, 3e-30, 1e-12, 2, 1e12, 5e30, 3.4e38];

export const cases: readonly Case[] = casesFor('sqrt', ({ bounded }) => [
  bounded('around-1', { x: reals('x', [3, 5, 7], 0.25, 4) }),
  bounded('large', { x: reals('x', [33], 1e2, 1e4) }),
  bounded('scalar', { x: reals('x', [], 2, 3) }),
  // (Kinked: too small and too large for finite differences.)
  bounded('extremes', { x: float32([7], extremes) }, {}, kinked),
  // The norm of gradients that are all 0. Computed as x * rsqrt(x), it would be NaN.
  bounded('zero', { x: flat([2, 3], 0) }, {}, forwardOnly),
]);
