// tanh, also where e^x overflows: a quotient of exponentials gives NaN there.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

// Two around 0 beside them, which show lost bits.
const far = [0.3, -1.7, 9, -9, 20, -20, 50, -50, 89, -89, 1e4, -1e4];

export const cases: readonly Case[] = [
  bounded('tanh/around-0', { x: reals('x', [3, 5, 7], -4, 4) }, (op, { x }) => op.tanh(x)),
  bounded('tanh/near-0', { x: reals('x', [33], -0.25, 0.25) }, (op, { x }) => op.tanh(x)),
  bounded('tanh/saturated', { x: float32([12], far) }, (op, { x }) => op.tanh(x)),
  bounded('tanh/scalar', { x: reals('x', []) }, (op, { x }) => op.tanh(x)),
  bounded('tanh/of-a-product', { x: reals('x', [4, 5]), y: reals('y', [4, 5]) }, (op, { x, y }) =>
    op.tanh(op.mul(x, y)),
  ),
];
