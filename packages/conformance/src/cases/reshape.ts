// reshape: row-major order stays, whatever layout a backend holds.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('reshape/flatten', { x: integers('x', [2, 3, 4, 5]) }, (op, { x }) =>
    op.reshape(x, { shape: [2, 60] }),
  ),
  exact('reshape/unflatten', { x: integers('x', [24]) }, (op, { x }) =>
    op.reshape(x, { shape: [2, 1, 4, 3] }),
  ),
  exact('reshape/regroup', { x: integers('x', [4, 6]) }, (op, { x }) => op.reshape(x, { shape: [3, 8] })),
  exact('reshape/to-scalar', { x: integers('x', [1, 1]) }, (op, { x }) => op.reshape(x, { shape: [] })),
  exact('reshape/from-scalar', { x: integers('x', []) }, (op, { x }) => op.reshape(x, { shape: [1, 1, 1] })),
  exact('reshape/same-shape', { x: integers('x', [2, 3]) }, (op, { x }) => op.reshape(x, { shape: [2, 3] })),
  exact('reshape/bool', { x: integers('x', [2, 3]), y: integers('y', [2, 3]) }, (op, { x, y }) =>
    op.reshape(op.greater(x, y), { shape: [3, 2] }),
  ),
  exact('reshape/labels', { x: integers('x', [2, 3]) }, (op, { x }) =>
    // In the middle of other ops, where a layout may have changed.
    op.mul(op.reshape(op.add(x, x), { shape: [6] }), op.reshape(x, { shape: [6] })),
  ),
];
