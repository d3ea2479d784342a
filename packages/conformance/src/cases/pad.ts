// pad with any number, on any side; its gradient is slice.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

const image = integers('x', [2, 3, 4, 5]);

export const cases: readonly Case[] = [
  exact('pad/pixels', { x: image }, (op, { x }) =>
    op.pad(x, { before: [0, 0, 1, 1], after: [0, 0, 1, 1], value: 0 }),
  ),
  exact('pad/another-amount-on-every-side', { x: image }, (op, { x }) =>
    op.pad(x, { before: [1, 0, 2, 3], after: [0, 2, 1, 4], value: 0 }),
  ),
  exact('pad/by-a-number', { x: image }, (op, { x }) =>
    op.pad(x, { before: [0, 0, 1, 0], after: [0, 0, 0, 2], value: -7.5 }),
  ),
  // What stands for no maximum where a pool has no padding of its own.
  // (Marked as kinked for being too large for differences.)
  exact(
    'pad/by-the-lowest-float',
    { x: integers('x', [3, 4]) },
    (op, { x }) => op.pad(x, { before: [1, 0], after: [0, 1], value: -(2 - 2 ** -23) * 2 ** 127 }),
    { kinked: true },
  ),
  // A number that float32 has to round.
  exact('pad/by-a-tenth', { x: integers('x', [3, 4]) }, (op, { x }) =>
    op.pad(x, { before: [1, 0], after: [0, 1], value: 0.1 }),
  ),
  exact('pad/channels', { x: image }, (op, { x }) =>
    op.pad(x, { before: [0, 2, 0, 0], after: [0, 1, 0, 0], value: 0 }),
  ),
  exact('pad/vector', { x: integers('x', [5]) }, (op, { x }) =>
    op.pad(x, { before: [3], after: [0], value: 1 }),
  ),
  exact('pad/by-nothing', { x: integers('x', [2, 3]) }, (op, { x }) =>
    op.pad(x, { before: [0, 0], after: [0, 0], value: 5 }),
  ),
  exact('pad/scalar', { x: integers('x', []) }, (op, { x }) =>
    op.pad(x, { before: [], after: [], value: 5 }),
  ),
  exact('pad/before-a-product', { x: integers('x', [3, 4]), y: integers('y', [5, 4]) }, (op, { x, y }) =>
    op.mul(op.pad(x, { before: [1, 0], after: [1, 0], value: 2 }), y),
  ),
];
