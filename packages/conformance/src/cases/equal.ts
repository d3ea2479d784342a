// equal, by value: -0 is 0. NaN is left to the contract's scenarios, for not every device has it.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

const values = [1, 2, -0, 1e-30, 3e38, 16_777_215, Math.fround(0.1)];

const others = [1, -2, 0, 2e-30, 3e38, 16_777_214, Math.fround(0.1)];

export const cases: readonly Case[] = [
  exact('equal/odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }, (op, { x, y }) =>
    op.equal(x, y),
  ),
  exact('equal/neighbours-and-signs', { x: float32([7], values), y: float32([7], others) }, (op, { x, y }) =>
    op.equal(x, y),
  ),
  exact('equal/scalars', { x: float32([], [2]), y: float32([], [2]) }, (op, { x, y }) => op.equal(x, y)),
  exact('equal/one-value-twice', { x: integers('x', [5]) }, (op, { x }) => op.equal(x, x)),
  exact(
    'equal/as-a-mask',
    { x: integers('x', [4, 7], 0, 2), y: integers('y', [4, 7], 0, 2), z: integers('z', [4, 7]) },
    (op, { x, y, z }) => op.select(op.equal(x, y), z, op.mul(z, z)),
    { kinked: true },
  ),
];
