// broadcast, including bools, which gates and masks need.
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('broadcast', ({ exact }) => [
  exact('scalar', { x: integers('x', []) }, { shape: [3, 5, 7] }),
  exact('scalar-to-scalar', { x: integers('x', []) }, { shape: [] }),
  exact('scalar-to-ones', { x: integers('x', []) }, { shape: [1, 1] }),
  exact('channel', { x: integers('x', [1, 3, 1, 1]) }, { shape: [2, 3, 4, 5] }),
  exact('outer-and-inner', { x: integers('x', [1, 4, 1]) }, { shape: [3, 4, 5] }),
  exact('middle', { x: integers('x', [3, 1, 5]) }, { shape: [3, 4, 5] }),
  exact('row', { x: integers('x', [1, 5]) }, { shape: [3, 5] }),
  exact('column', { x: integers('x', [3, 1]) }, { shape: [3, 5] }),
  exact('nothing-to-repeat', { x: integers('x', [2, 1, 3]) }, { shape: [2, 1, 3] }),
  exact('bool', { x: integers('x', [3, 1]), y: integers('y', [3, 1]) }, (op, { x, y }) =>
    op.broadcast(op.greater(x, y), { shape: [3, 5] }),
  ),
  exact('bool-scalar', { x: integers('x', []), y: integers('y', []) }, (op, { x, y }) =>
    op.broadcast(op.greater(x, y), { shape: [2, 3] }),
  ),
]);
