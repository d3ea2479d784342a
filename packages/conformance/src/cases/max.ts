// max, which never rounds, so it is exact on any data. A tie sends the gradient to x.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { distinct, flat, reals } from '../case/data.ts';

/** Returns the cases of max or min. */
export function extremumCases(op: 'max' | 'min'): readonly Case[] {
  return casesFor(op, ({ exact }) => [
    // Kinked: the two permutations agree somewhere.
    exact('distinct', { x: distinct('x', [3, 5, 7]), y: distinct('y', [3, 5, 7]) }, {}, kinked),
    exact('reals', { x: reals('x', [31]), y: reals('y', [31]) }),
    exact('ties-go-to-x', { x: flat([2, 5], 3), y: flat([2, 5], 3) }, {}, kinked),
    exact('one-value-twice', { x: distinct('x', [7]) }, (b, { x }) => b[op](x, x), kinked),
    exact('scalars', { x: float32([], [-2]), y: float32([], [-3]) }),
  ]);
}

export const cases: readonly Case[] = extremumCases('max');
