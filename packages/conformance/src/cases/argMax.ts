// argMax, which returns the first of several maxima.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { distinct, flat, indices, integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('argMax', ({ exact }) => [
  exact('last-axis', { x: distinct('x', [5, 7]) }, { axis: 1 }),
  exact('first-axis', { x: distinct('x', [5, 7]) }, { axis: 0 }),
  exact('channels', { x: distinct('x', [2, 5, 3, 4]) }, { axis: 1 }),
  exact('reals', { x: reals('x', [9, 10]) }, { axis: 1 }),
  exact('negative-only', { x: reals('x', [9, 10], -5, -1) }, { axis: 1 }),
  exact('far-below-0', { x: float32([2, 3], [-3e38, -2e38, -3e38, -3.4e38, -3.3e38, -3.2e38]) }, { axis: 1 }),
  exact('ties-go-to-the-first', { x: integers('x', [11, 7], 0, 1) }, { axis: 1 }),
  exact('flat', { x: flat([3, 5], 0) }, { axis: 1 }),
  exact('one-class', { x: reals('x', [4, 1]) }, { axis: 1 }),
  exact('vector', { x: distinct('x', [300]) }, { axis: 0 }),
  // As in the computation of accuracy.
  exact(
    'compared-with-labels',
    { x: distinct('x', [13, 3]), labels: indices('labels', [13, 1], 0, 2) },
    (op, { x, labels }) => {
      const predicted = op.cast(op.argMax(x, { axis: 1 }), { to: 'float32' });
      const correct = op.equal(predicted, op.cast(labels, { to: 'float32' }));
      return op.reduceSum(op.cast(correct, { to: 'float32' }), { axes: [0] });
    },
  ),
]);
