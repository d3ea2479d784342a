// equal compares values, so -0 equals 0. The contract's scenarios cover NaN, which not every device supports.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers } from '../case/data.ts';

const values = [1, 2, -0, 1e-30, 3e38, 16_777_215, Math.fround(0.1)];
const others = [1, -2, 0, 2e-30, 3e38, 16_777_214, Math.fround(0.1)];

export const cases: readonly Case[] = casesFor('equal', ({ exact }) => [
  exact('odd-size', { x: integers('x', [3, 5, 7]), y: integers('y', [3, 5, 7]) }),
  exact('neighbours-and-signs', { x: float32([7], values), y: float32([7], others) }),
  exact('scalars', { x: float32([], [2]), y: float32([], [2]) }),
  exact('one-value-twice', { x: integers('x', [5]) }, (op, { x }) => op.equal(x, x)),
  exact(
    'as-a-mask',
    { x: integers('x', [4, 7], 0, 2), y: integers('y', [4, 7], 0, 2), z: integers('z', [4, 7]) },
    (op, { x, y, z }) => op.select(op.equal(x, y), z, op.mul(z, z)),
    kinked,
  ),
]);
