// reduceSum over every kind of axes, including none.
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { atFullSize, large, nin1x1 } from './fullSize.ts';

export const cases: readonly Case[] = casesFor('reduceSum', ({ bounded, exact }) => [
  exact('first-axis', { x: integers('x', [7, 5]) }, { axes: [0] }),
  exact('last-axis', { x: integers('x', [7, 5]) }, { axes: [1] }),
  exact('pixels', { x: integers('x', [2, 3, 4, 5]) }, { axes: [2, 3] }),
  exact('all-but-channels', { x: integers('x', [2, 3, 4, 5]) }, { axes: [0, 2, 3] }),
  exact('outer-axes', { x: integers('x', [2, 3, 4]) }, { axes: [0, 2] }),
  exact('axes-in-any-order', { x: integers('x', [2, 3, 4]) }, { axes: [2, 0] }),
  exact('everything', { x: integers('x', [3, 5, 7, 11]) }, { axes: [0, 1, 2, 3] }),
  exact('long', { x: integers('x', [1, 10_007]) }, { axes: [1] }),
  // Without axes it is the identity, not a sum over everything.
  exact('no-axes', { x: integers('x', [2, 3]) }, { axes: [] }),
  exact('scalar', { x: integers('x', []) }, { axes: [] }),
  exact('axis-of-size-1', { x: integers('x', [2, 1, 3]) }, { axes: [1] }),
  bounded('reals', { x: reals('x', [3, 64]) }, { axes: [1] }),
  // The gradient of a bias in NiN.
  atFullSize(nin1x1.y, [2, 3, 4, 5], (shape, options) =>
    exact('full-size-nin-bias', { x: large('x', shape) }, { axes: [0, 2, 3] }, options),
  ),
  atFullSize(3_999_971, 97, (size, options) =>
    exact('full-size-everything', { x: large('x', [size]) }, { axes: [0] }, options),
  ),
]);
