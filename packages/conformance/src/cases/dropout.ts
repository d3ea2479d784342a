// dropout, with random numbers that are fed and with random numbers that the device draws.
import { float32, streamKey, uint32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { integers, reals, units } from '../case/data.ts';

const shape = [2, 3, 4, 5];
const uniform = float32(shape, units('uniform', shape));

export const cases: readonly Case[] = casesFor('dropout', ({ bounded, exact }) => [
  // Kinked in `uniform`, which only decides what is dropped.
  exact('half', { x: integers('x', shape), uniform }, { rate: 0.5 }, kinked),
  exact('nothing', { x: integers('x', shape), uniform }, { rate: 0 }),
  bounded('fifth', { x: reals('x', shape), uniform }, { rate: 0.2 }),
  // A value is dropped where uniform < rate, so it is kept where they are equal.
  exact(
    'uniform-equals-rate',
    { x: integers('x', [3], 1, 4), uniform: float32([3], [0.25, 0.5, 0.75]) },
    { rate: 0.5 },
    kinked,
  ),
  exact('drawn-on-the-device', { x: integers('x', shape), random: uint32([3], [7, 3, 0]) }, (op, values) => {
    const drawn = op.randomUniform(values.random, { shape, stream: streamKey('dropout') });
    return op.dropout(values.x, drawn, { rate: 0.5 });
  }),
]);
