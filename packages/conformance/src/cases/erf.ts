// erf, which shading languages lack, and the activation built on it.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

// The value near 0 reveals lost bits.
const far = [0.3, 3.5, -3.5, 6, -6, 15, -15, 1e3, -1e3];

export const cases: readonly Case[] = casesFor('erf', ({ bounded }) => [
  bounded('around-0', { x: reals('x', [3, 5, 7], -3, 3) }),
  bounded('near-0', { x: reals('x', [33], -0.25, 0.25) }),
  bounded('saturated', { x: float32([9], far) }),
  bounded('scalar', { x: reals('x', []) }),
  // x (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel 2016, section 2).
  bounded('in-gelu', { x: reals('x', [5, 9], -4, 4) }, (op, { x }, b) => {
    const cumulative = op.add(b.fill(1, x.shape), op.erf(op.mul(x, b.fill(Math.SQRT1_2, x.shape))));
    return op.mul(op.mul(x, cumulative), b.fill(0.5, x.shape));
  }),
]);
