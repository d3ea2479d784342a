// reshape keeps row-major order, whatever layouts a backend uses internally.
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('reshape', ({ exact }) => [
  exact('flatten', { x: integers('x', [2, 3, 4, 5]) }, { shape: [2, 60] }),
  exact('unflatten', { x: integers('x', [24]) }, { shape: [2, 1, 4, 3] }),
  exact('regroup', { x: integers('x', [4, 6]) }, { shape: [3, 8] }),
  exact('to-scalar', { x: integers('x', [1, 1]) }, { shape: [] }),
  exact('from-scalar', { x: integers('x', []) }, { shape: [1, 1, 1] }),
  exact('same-shape', { x: integers('x', [2, 3]) }, { shape: [2, 3] }),
  exact('bool', { x: integers('x', [2, 3]), y: integers('y', [2, 3]) }, (op, { x, y }) =>
    op.reshape(op.greater(x, y), { shape: [3, 2] }),
  ),
  exact('labels', { x: integers('x', [2, 3]) }, (op, { x }) =>
    // Between other ops, which may leave a layout other than row-major.
    op.mul(op.reshape(op.add(x, x), { shape: [6] }), op.reshape(x, { shape: [6] })),
  ),
]);
