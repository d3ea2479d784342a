// concat along every axis and of every dtype.
import { type Case, casesFor } from '../case/case.ts';
import { coins, indices, integers } from '../case/data.ts';

const image = integers('x', [2, 3, 4, 5]);
const wider = integers('y', [2, 4, 4, 5]);

export const cases: readonly Case[] = casesFor('concat', ({ exact }) => [
  exact('channels', { x: image, y: wider, z: integers('z', [2, 1, 4, 5]) }, { axis: 1 }),
  exact('images', { x: image, y: integers('y', [1, 3, 4, 5]) }, { axis: 0 }),
  exact('rows-of-pixels', { x: image, y: integers('y', [2, 3, 2, 5]) }, { axis: 2 }),
  exact('last-axis', { x: integers('x', [3, 5]), y: integers('y', [3, 2]) }, { axis: 1 }),
  exact('vectors', { x: integers('x', [4]), y: integers('y', [1]) }, (op, { x, y }) =>
    op.concat(y, x, y, { axis: 0 }),
  ),
  exact('alone', { x: integers('x', [2, 3]) }, { axis: 1 }),
  exact('one-value-twice', { x: integers('x', [2, 3]) }, (op, { x }) => op.concat(x, x, { axis: 0 })),
  exact(
    'nine-inputs',
    { x: integers('x', [2, 1, 3]), y: integers('y', [2, 2, 3]), z: integers('z', [2, 3, 3]) },
    (op, { x, y, z }) => op.concat(x, y, z, z, x, y, y, z, x, { axis: 1 }),
  ),
  exact('computed-inputs', { x: image, y: wider }, (op, { x, y }) =>
    op.mul(op.concat(op.mul(x, x), y, { axis: 1 }), op.concat(y, x, { axis: 1 })),
  ),
  exact('bool', { x: coins('x', [3, 5]), y: coins('y', [3, 2]) }, { axis: 1 }),
  exact('int32', { x: indices('x', [3, 5]), y: indices('y', [1, 5]) }, { axis: 0 }),
]);
