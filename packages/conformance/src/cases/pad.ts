// pad with any value, on any side; its gradient is slice.
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers } from '../case/data.ts';

const image = integers('x', [2, 3, 4, 5]);

export const cases: readonly Case[] = casesFor('pad', ({ exact }) => [
  exact('pixels', { x: image }, { before: [0, 0, 1, 1], after: [0, 0, 1, 1], value: 0 }),
  exact(
    'another-amount-on-every-side',
    { x: image },
    { before: [1, 0, 2, 3], after: [0, 2, 1, 4], value: 0 },
  ),
  exact('by-a-number', { x: image }, { before: [0, 0, 1, 0], after: [0, 0, 0, 2], value: -7.5 }),
  // The identity element of max: padding with it replaces the padding of a max pooling. (Kinked: too large for finite
  // differences.)
  exact(
    'by-the-lowest-float',
    { x: integers('x', [3, 4]) },
    { before: [1, 0], after: [0, 1], value: -(2 - 2 ** -23) * 2 ** 127 },
    kinked,
  ),
  // 0.1 is not a float32, so it is rounded.
  exact('by-a-tenth', { x: integers('x', [3, 4]) }, { before: [1, 0], after: [0, 1], value: 0.1 }),
  exact('channels', { x: image }, { before: [0, 2, 0, 0], after: [0, 1, 0, 0], value: 0 }),
  exact('vector', { x: integers('x', [5]) }, { before: [3], after: [0], value: 1 }),
  exact('by-nothing', { x: integers('x', [2, 3]) }, { before: [0, 0], after: [0, 0], value: 5 }),
  exact('scalar', { x: integers('x', []) }, { before: [], after: [], value: 5 }),
  exact('before-a-product', { x: integers('x', [3, 4]), y: integers('y', [5, 4]) }, (op, { x, y }) =>
    op.mul(op.pad(x, { before: [1, 0], after: [1, 0], value: 2 }), y),
  ),
]);
