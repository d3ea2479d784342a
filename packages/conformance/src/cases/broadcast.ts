// broadcast, of bools too: gates and masks are repeated.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('broadcast/scalar', { x: integers('x', []) }, (op, { x }) => op.broadcast(x, { shape: [3, 5, 7] })),
  exact('broadcast/scalar-to-scalar', { x: integers('x', []) }, (op, { x }) =>
    op.broadcast(x, { shape: [] }),
  ),
  exact('broadcast/scalar-to-ones', { x: integers('x', []) }, (op, { x }) =>
    op.broadcast(x, { shape: [1, 1] }),
  ),
  exact('broadcast/channel', { x: integers('x', [1, 3, 1, 1]) }, (op, { x }) =>
    op.broadcast(x, { shape: [2, 3, 4, 5] }),
  ),
  exact('broadcast/outer-and-inner', { x: integers('x', [1, 4, 1]) }, (op, { x }) =>
    op.broadcast(x, { shape: [3, 4, 5] }),
  ),
  exact('broadcast/middle', { x: integers('x', [3, 1, 5]) }, (op, { x }) =>
    op.broadcast(x, { shape: [3, 4, 5] }),
  ),
  exact('broadcast/row', { x: integers('x', [1, 5]) }, (op, { x }) => op.broadcast(x, { shape: [3, 5] })),
  exact('broadcast/column', { x: integers('x', [3, 1]) }, (op, { x }) => op.broadcast(x, { shape: [3, 5] })),
  exact('broadcast/nothing-to-repeat', { x: integers('x', [2, 1, 3]) }, (op, { x }) =>
    op.broadcast(x, { shape: [2, 1, 3] }),
  ),
  exact('broadcast/bool', { x: integers('x', [3, 1]), y: integers('y', [3, 1]) }, (op, { x, y }) =>
    op.broadcast(op.greater(x, y), { shape: [3, 5] }),
  ),
  exact('broadcast/bool-scalar', { x: integers('x', []), y: integers('y', []) }, (op, { x, y }) =>
    op.broadcast(op.greater(x, y), { shape: [2, 3] }),
  ),
];
