// select: the operand that is not chosen leaves no trace, not even a NaN.
import { bool, float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { coins, integers } from '../case/data.ts';

const condition = coins('coins', [3, 5, 7]);
const x = integers('x', [3, 5, 7]);
const y = integers('y', [3, 5, 7]);

export const cases: readonly Case[] = casesFor('select', ({ exact }) => [
  exact('odd-size', { condition, x, y }),
  exact(
    'computed-condition',
    { x, y },
    (op, values) => op.select(op.greater(values.x, values.y), values.x, values.y),
    kinked,
  ),
  exact('one-value-twice', { condition, x }, (op, values) => op.select(values.condition, values.x, values.x)),
  exact(
    'unchosen-nan-and-infinity',
    {
      condition: bool([4], [true, false, true, false]),
      x: float32([4], [1, NaN, 2, Infinity]),
      y: float32([4], [NaN, 3, -Infinity, 4]),
    },
    {},
    kinked,
  ),
  exact('scalars', { condition: bool([], [false]), x: float32([], [1]), y: float32([], [2]) }),
]);
