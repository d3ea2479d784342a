// randomUniform: bits that every backend must draw alike.
import { streamKey, uint32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';

const stream = streamKey('dropout');

const high = 2 ** 31 + 12_345;

/** The 24 bits of every number are promised: nothing here may be off by one. */
function draws(
  name: string,
  random: readonly [seed: number, time: number, first: number],
  shape: readonly number[],
): Case {
  return exact(`randomUniform/${name}`, { random: uint32([3], random) }, (op, values) =>
    op.randomUniform(values.random, { shape, stream }),
  );
}

export const cases: readonly Case[] = [
  draws('all-zero', [0, 0, 0], [2, 3]),
  draws('odd-size', [42, 7, 0], [3, 5, 7]),
  draws('shard', [42, 7, 5], [2, 3, 4]),
  draws('high-seed', [high, 1, 0], [4]),
  draws('high-time', [1, high, 0], [4]),
  draws('high-first', [1, 2, high], [4]),
  draws('counter-wraps', [0xffffffff, 0xffffffff, 0xfffffff0], [20, 3]),
  draws('scalar', [3, 4, 5], []),
  exact('randomUniform/two-streams', { random: uint32([3], [9, 8, 7]) }, (op, { random }) => [
    op.randomUniform(random, { shape: [5], stream }),
    op.randomUniform(random, { shape: [5], stream: 0xfedcba98 }),
  ]),
];
