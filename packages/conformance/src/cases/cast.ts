// cast between all pairs of dtypes that it supports. It passes no gradient.
import { bool, float32, int32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { coins, indices, integers, reals } from '../case/data.ts';

const cut = [0, -0, 0.5, -0.5, 0.999, -0.999, 1.5, -1.5, 2, -2, 1e9, 2_147_483_520, -2_147_483_648];
const large = [16_777_217, -16_777_217, 33_554_435, 2_147_483_647, -2_147_483_647, 123_456_789];

export const cases: readonly Case[] = casesFor('cast', ({ bounded, exact }) => [
  exact('bool-to-float32', { x: coins('x', [3, 5, 7]) }, { to: 'float32' }),
  exact('bool-to-int32', { x: coins('x', [3, 5, 7]) }, { to: 'int32' }),
  exact(
    'computed-bool-to-float32',
    { x: integers('x', [5, 7]), y: integers('y', [5, 7]) },
    (op, values) => op.cast(op.greater(values.x, values.y), { to: 'float32' }),
    kinked,
  ),
  exact('int32-to-float32', { x: indices('x', [3, 5, 7], -1e6, 1e6) }, { to: 'float32' }),
  bounded('int32-beyond-24-bits', { x: int32([6], large) }, { to: 'float32' }),
  exact('float32-to-int32', { x: integers('x', [3, 5, 7], -1e6, 1e6) }, { to: 'int32' }),
  exact('float32-to-int32-cuts-towards-0', { x: float32([13], cut) }, { to: 'int32' }),
  // The gradient of this step function is 0, even at the jumps.
  exact('there-and-back', { x: reals('x', [4, 7], -9, 9) }, (op, { x }) =>
    op.cast(op.cast(x, { to: 'int32' }), { to: 'float32' }),
  ),
  exact('one-of-two-ways', { x: reals('x', [4, 7], -9, 9), y: integers('y', [4, 7]) }, (op, { x, y }) =>
    op.add(y, op.cast(op.cast(x, { to: 'int32' }), { to: 'float32' })),
  ),
  exact(
    'scalars',
    { x: bool([], [true]), y: int32([], [-7]), z: float32([], [-7.75]) },
    (op, { x, y, z }) => [
      ...[x, y].map((value) => op.cast(value, { to: 'float32' })),
      op.cast(z, { to: 'int32' }),
    ],
  ),
]);
