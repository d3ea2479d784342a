// tanh, including where e^x overflows and a quotient of exponentials would be NaN.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

// The two values near 0 reveal lost bits.
const far = [0.3, -1.7, 9, -9, 20, -20, 50, -50, 89, -89, 1e4, -1e4];

export const cases: readonly Case[] = casesFor('tanh', ({ bounded }) => [
  bounded('around-0', { x: reals('x', [3, 5, 7], -4, 4) }),
  bounded('near-0', { x: reals('x', [33], -0.25, 0.25) }),
  bounded('saturated', { x: float32([12], far) }),
  bounded('scalar', { x: reals('x', []) }),
  bounded('of-a-product', { x: reals('x', [4, 5]), y: reals('y', [4, 5]) }, (op, { x, y }) =>
    op.tanh(op.mul(x, y)),
  ),
]);
