// concat along every axis, of every dtype.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { coins, indices, integers } from '../case/data.ts';

const image = integers('x', [2, 3, 4, 5]);

const wider = integers('y', [2, 4, 4, 5]);

const one = integers('z', [2, 1, 4, 5]);

export const cases: readonly Case[] = [
  exact('concat/channels', { x: image, y: wider, z: one }, (op, { x, y, z }) =>
    op.concat(x, y, z, { axis: 1 }),
  ),
  exact('concat/images', { x: image, y: integers('y', [1, 3, 4, 5]) }, (op, { x, y }) =>
    op.concat(x, y, { axis: 0 }),
  ),
  exact('concat/rows-of-pixels', { x: image, y: integers('y', [2, 3, 2, 5]) }, (op, { x, y }) =>
    op.concat(x, y, { axis: 2 }),
  ),
  exact('concat/last-axis', { x: integers('x', [3, 5]), y: integers('y', [3, 2]) }, (op, { x, y }) =>
    op.concat(x, y, { axis: 1 }),
  ),
  exact('concat/vectors', { x: integers('x', [4]), y: integers('y', [1]) }, (op, { x, y }) =>
    op.concat(y, x, y, { axis: 0 }),
  ),
  exact('concat/alone', { x: integers('x', [2, 3]) }, (op, { x }) => op.concat(x, { axis: 1 })),
  exact('concat/one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.concat(x, x, { axis: 0 })),
  exact(
    'concat/nine-inputs',
    { x: integers('x', [2, 1, 3]), y: integers('y', [2, 2, 3]), z: integers('z', [2, 3, 3]) },
    (op, { x, y, z }) => op.concat(x, y, z, z, x, y, y, z, x, { axis: 1 }),
  ),
  exact('concat/of-what-was-computed', { x: image, y: wider }, (op, { x, y }) =>
    op.mul(op.concat(op.mul(x, x), y, { axis: 1 }), op.concat(y, x, { axis: 1 })),
  ),
  exact('concat/bool', { x: coins('x', [3, 5]), y: coins('y', [3, 2]) }, (op, { x, y }) =>
    op.concat(x, y, { axis: 1 }),
  ),
  exact('concat/int32', { x: indices('x', [3, 5]), y: indices('y', [1, 5]) }, (op, { x, y }) =>
    op.concat(x, y, { axis: 0 }),
  ),
];
