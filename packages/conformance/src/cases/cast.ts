// cast between every two dtypes that it knows. No gradient passes.
import { bool, float32, int32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { coins, indices, integers, reals } from '../case/data.ts';

const cut = [0, -0, 0.5, -0.5, 0.999, -0.999, 1.5, -1.5, 2, -2, 1e9, 2_147_483_520, -2_147_483_648];

const large = [16_777_217, -16_777_217, 33_554_435, 2_147_483_647, -2_147_483_647, 123_456_789];

export const cases: readonly Case[] = [
  exact('cast/bool-to-float32', { x: coins('x', [3, 5, 7]) }, (op, { x }) => op.cast(x, { to: 'float32' })),
  exact('cast/bool-to-int32', { x: coins('x', [3, 5, 7]) }, (op, { x }) => op.cast(x, { to: 'int32' })),
  exact(
    'cast/computed-bool-to-float32',
    { x: integers('x', [5, 7]), y: integers('y', [5, 7]) },
    (op, values) => op.cast(op.greater(values.x, values.y), { to: 'float32' }),
    { kinked: true },
  ),
  exact('cast/int32-to-float32', { x: indices('x', [3, 5, 7], -1e6, 1e6) }, (op, { x }) =>
    op.cast(x, { to: 'float32' }),
  ),
  bounded('cast/int32-beyond-24-bits', { x: int32([6], large) }, (op, { x }) =>
    op.cast(x, { to: 'float32' }),
  ),
  exact('cast/float32-to-int32', { x: integers('x', [3, 5, 7], -1e6, 1e6) }, (op, { x }) =>
    op.cast(x, { to: 'int32' }),
  ),
  exact('cast/float32-to-int32-cuts-towards-0', { x: float32([13], cut) }, (op, { x }) =>
    op.cast(x, { to: 'int32' }),
  ),
  // The gradient is 0: a step's slope, and where it jumps none is sent.
  exact('cast/there-and-back', { x: reals('x', [4, 7], -9, 9) }, (op, { x }) =>
    op.cast(op.cast(x, { to: 'int32' }), { to: 'float32' }),
  ),
  exact('cast/one-of-two-ways', { x: reals('x', [4, 7], -9, 9), y: integers('y', [4, 7]) }, (op, { x, y }) =>
    op.add(y, op.cast(op.cast(x, { to: 'int32' }), { to: 'float32' })),
  ),
  exact(
    'cast/scalars',
    { x: bool([], [true]), y: int32([], [-7]), z: float32([], [-7.75]) },
    (op, { x, y, z }) => [
      op.cast(x, { to: 'float32' }),
      op.cast(y, { to: 'float32' }),
      op.cast(z, { to: 'int32' }),
    ],
  ),
];
