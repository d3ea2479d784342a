// reduceSum over every kind of axes, none of them included.
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { reduceSumAtFullSize } from './fullSize.ts';

export const cases: readonly Case[] = [
  exact('reduceSum/first-axis', { x: integers('x', [7, 5]) }, (op, { x }) => op.reduceSum(x, { axes: [0] })),
  exact('reduceSum/last-axis', { x: integers('x', [7, 5]) }, (op, { x }) => op.reduceSum(x, { axes: [1] })),
  exact('reduceSum/pixels', { x: integers('x', [2, 3, 4, 5]) }, (op, { x }) =>
    op.reduceSum(x, { axes: [2, 3] }),
  ),
  exact('reduceSum/all-but-channels', { x: integers('x', [2, 3, 4, 5]) }, (op, { x }) =>
    op.reduceSum(x, { axes: [0, 2, 3] }),
  ),
  exact('reduceSum/outer-axes', { x: integers('x', [2, 3, 4]) }, (op, { x }) =>
    op.reduceSum(x, { axes: [0, 2] }),
  ),
  exact('reduceSum/axes-in-any-order', { x: integers('x', [2, 3, 4]) }, (op, { x }) =>
    op.reduceSum(x, { axes: [2, 0] }),
  ),
  exact('reduceSum/everything', { x: integers('x', [3, 5, 7, 11]) }, (op, { x }) =>
    op.reduceSum(x, { axes: [0, 1, 2, 3] }),
  ),
  exact('reduceSum/long', { x: integers('x', [1, 10_007]) }, (op, { x }) => op.reduceSum(x, { axes: [1] })),
  // No axes is the identity, not a sum over everything.
  exact('reduceSum/no-axes', { x: integers('x', [2, 3]) }, (op, { x }) => op.reduceSum(x, { axes: [] })),
  exact('reduceSum/scalar', { x: integers('x', []) }, (op, { x }) => op.reduceSum(x, { axes: [] })),
  exact('reduceSum/axis-of-size-1', { x: integers('x', [2, 1, 3]) }, (op, { x }) =>
    op.reduceSum(x, { axes: [1] }),
  ),
  bounded('reduceSum/reals', { x: reals('x', [3, 64]) }, (op, { x }) => op.reduceSum(x, { axes: [1] })),
  ...reduceSumAtFullSize,
];
