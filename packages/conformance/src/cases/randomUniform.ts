// randomUniform: every backend must draw the same bits. The op defines all 24 bits of a value, so the results must match exactly.
import { streamKey, type TensorOf, uint32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';

const stream = streamKey('dropout');
const high = 2 ** 31 + 12_345;

function counter(seed: number, time: number, first: number): Record<'random', TensorOf<'uint32'>> {
  return { random: uint32([3], [seed, time, first]) };
}

export const cases: readonly Case[] = casesFor('randomUniform', ({ exact }) => [
  exact('all-zero', counter(0, 0, 0), { shape: [2, 3], stream }),
  exact('odd-size', counter(42, 7, 0), { shape: [3, 5, 7], stream }),
  exact('shard', counter(42, 7, 5), { shape: [2, 3, 4], stream }),
  exact('high-seed', counter(high, 1, 0), { shape: [4], stream }),
  exact('high-time', counter(1, high, 0), { shape: [4], stream }),
  exact('high-first', counter(1, 2, high), { shape: [4], stream }),
  exact('counter-wraps', counter(0xffffffff, 0xffffffff, 0xfffffff0), { shape: [20, 3], stream }),
  exact('scalar', counter(3, 4, 5), { shape: [], stream }),
  exact('two-streams', counter(9, 8, 7), (op, { random }) => [
    op.randomUniform(random, { shape: [5], stream }),
    op.randomUniform(random, { shape: [5], stream: 0xfedcba98 }),
  ]),
]);
