// dropout, with given random numbers and with drawn ones.
import { float32, streamKey, uint32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals, units } from '../case/data.ts';

const shape = [2, 3, 4, 5];

const uniform = float32(shape, units('uniform', shape));

export const cases: readonly Case[] = [
  exact(
    'dropout/half',
    { x: integers('x', shape), uniform },
    (op, values) => op.dropout(values.x, values.uniform, { rate: 0.5 }),
    { kinked: true }, // By `uniform`, which only decides.
  ),
  exact('dropout/nothing', { x: integers('x', shape), uniform }, (op, values) =>
    op.dropout(values.x, values.uniform, { rate: 0 }),
  ),
  bounded('dropout/fifth', { x: reals('x', shape), uniform }, (op, values) =>
    op.dropout(values.x, values.uniform, { rate: 0.2 }),
  ),
  // A value is dropped where uniform < rate: not where they are equal.
  exact(
    'dropout/uniform-equals-rate',
    { x: integers('x', [3], 1, 4), uniform: float32([3], [0.25, 0.5, 0.75]) },
    (op, values) => op.dropout(values.x, values.uniform, { rate: 0.5 }),
    { kinked: true },
  ),
  exact(
    'dropout/drawn-on-the-device',
    { x: integers('x', shape), random: uint32([3], [7, 3, 0]) },
    (op, values) => {
      const drawn = op.randomUniform(values.random, { shape, stream: streamKey('dropout') });
      return op.dropout(values.x, drawn, { rate: 0.5 });
    },
  ),
];
