// slice of every dtype; its gradient is pad.
import type { Value } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { coins, indices, integers } from '../case/data.ts';

const image = integers('x', [2, 3, 4, 5]);

export const cases: readonly Case[] = casesFor('slice', ({ exact }) => [
  exact('block', { x: image }, { starts: [1, 0, 1, 2], sizes: [1, 2, 3, 2] }),
  exact('channels', { x: image }, { starts: [0, 1, 0, 0], sizes: [2, 2, 4, 5] }),
  exact('first-rows', { x: integers('x', [7, 3]) }, { starts: [0, 0], sizes: [4, 3] }),
  exact('last-column', { x: integers('x', [7, 3]) }, { starts: [0, 2], sizes: [7, 1] }),
  exact('vector', { x: integers('x', [9]) }, { starts: [3], sizes: [5] }),
  exact('everything', { x: integers('x', [2, 3]) }, { starts: [0, 0], sizes: [2, 3] }),
  exact('scalar', { x: integers('x', []) }, { starts: [], sizes: [] }),
  exact('overlapping', { x: integers('x', [5, 4]) }, (op, { x }) => {
    const rowsFrom = (top: number): Value => op.slice(x, { starts: [top, 0], sizes: [3, 4] });
    return op.mul(rowsFrom(0), rowsFrom(2));
  }),
  exact('of-a-slice', { x: image }, (op, { x }) => {
    const inner = op.slice(x, { starts: [0, 1, 1, 1], sizes: [2, 2, 3, 3] });
    return op.slice(inner, { starts: [1, 0, 1, 0], sizes: [1, 2, 2, 2] });
  }),
  exact('bool', { x: coins('x', [5, 7]) }, { starts: [1, 2], sizes: [3, 4] }),
  exact('int32', { x: indices('x', [5, 7]) }, { starts: [2, 0], sizes: [3, 6] }),
]);
