// argMax, and the first of several maxima.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { distinct, flat, indices, integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('argMax/last-axis', { x: distinct('x', [5, 7]) }, (op, { x }) => op.argMax(x, { axis: 1 })),
  exact('argMax/first-axis', { x: distinct('x', [5, 7]) }, (op, { x }) => op.argMax(x, { axis: 0 })),
  exact('argMax/channels', { x: distinct('x', [2, 5, 3, 4]) }, (op, { x }) => op.argMax(x, { axis: 1 })),
  exact('argMax/reals', { x: reals('x', [9, 10]) }, (op, { x }) => op.argMax(x, { axis: 1 })),
  exact('argMax/negative-only', { x: reals('x', [9, 10], -5, -1) }, (op, { x }) => op.argMax(x, { axis: 1 })),
  exact(
    'argMax/far-below-0',
    { x: float32([2, 3], [-3e38, -2e38, -3e38, -3.4e38, -3.3e38, -3.2e38]) },
    (op, { x }) => op.argMax(x, { axis: 1 }),
  ),
  exact('argMax/ties-go-to-the-first', { x: integers('x', [11, 7], 0, 1) }, (op, { x }) =>
    op.argMax(x, { axis: 1 }),
  ),
  exact('argMax/flat', { x: flat([3, 5], 0) }, (op, { x }) => op.argMax(x, { axis: 1 })),
  exact('argMax/one-class', { x: reals('x', [4, 1]) }, (op, { x }) => op.argMax(x, { axis: 1 })),
  exact('argMax/vector', { x: distinct('x', [300]) }, (op, { x }) => op.argMax(x, { axis: 0 })),
  // How accuracy is counted.
  exact(
    'argMax/compared-with-labels',
    { x: distinct('x', [13, 3]), labels: indices('labels', [13, 1], 0, 2) },
    (op, { x, labels }) => {
      const predicted = op.cast(op.argMax(x, { axis: 1 }), { to: 'float32' });
      const correct = op.equal(predicted, op.cast(labels, { to: 'float32' }));
      return op.reduceSum(op.cast(correct, { to: 'float32' }), { axes: [0] });
    },
  ),
];
