// reduceMax, and how ties share its gradient.
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { distinct, flat, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { isOneNumber } from '../faults/planted/tensors.ts';

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

const minimum: Fault<'reduceMax'> = {
  name: 'the minimum',
  plant: ({ node }) => ({
    emit: (b, [x]) => {
      const negative = b.op.reduceMax(b.op.mul(x, b.fill(-1, x.shape)), node.attrs);
      return [b.op.mul(negative, b.fill(-1, negative.shape))];
    },
  }),
  unseen: ({ operands: [x], results: [y] }) =>
    x.data.length === y.data.length || isOneNumber(x) ? 'there is nothing to choose from' : undefined,
};

export const faults: readonly Fault<'reduceMax'>[] = [minimum];
