// reduceMax, and how ties share its gradient.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { distinct, flat, reals } from '../case/data.ts';

// Bounded for the sake of the gradient, whose shares are quotients; the maxima themselves have no error to allow.
export const cases: readonly Case[] = [
  bounded('reduceMax/last-axis', { x: distinct('x', [5, 7]) }, (op, { x }) => op.reduceMax(x, { axes: [1] })),
  bounded('reduceMax/first-axis', { x: distinct('x', [5, 7]) }, (op, { x }) =>
    op.reduceMax(x, { axes: [0] }),
  ),
  bounded('reduceMax/outer-axes', { x: distinct('x', [2, 3, 4]) }, (op, { x }) =>
    op.reduceMax(x, { axes: [0, 2] }),
  ),
  bounded('reduceMax/no-axes', { x: distinct('x', [2, 3]) }, (op, { x }) => op.reduceMax(x, { axes: [] })),
  bounded('reduceMax/negative-only', { x: reals('x', [4, 9], -5, -1) }, (op, { x }) =>
    op.reduceMax(x, { axes: [1] }),
  ),
  bounded('reduceMax/ties-share', { x: flat([3, 4], -2) }, (op, { x }) => op.reduceMax(x, { axes: [1] }), {
    kinked: true,
  }),
];
