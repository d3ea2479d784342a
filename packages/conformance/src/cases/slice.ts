// slice of every dtype; its gradient is pad.
import type { Value } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { coins, indices, integers } from '../case/data.ts';

const image = integers('x', [2, 3, 4, 5]);

export const cases: readonly Case[] = [
  exact('slice/block', { x: image }, (op, { x }) =>
    op.slice(x, { starts: [1, 0, 1, 2], sizes: [1, 2, 3, 2] }),
  ),
  exact('slice/channels', { x: image }, (op, { x }) =>
    op.slice(x, { starts: [0, 1, 0, 0], sizes: [2, 2, 4, 5] }),
  ),
  exact('slice/first-rows', { x: integers('x', [7, 3]) }, (op, { x }) =>
    op.slice(x, { starts: [0, 0], sizes: [4, 3] }),
  ),
  exact('slice/last-column', { x: integers('x', [7, 3]) }, (op, { x }) =>
    op.slice(x, { starts: [0, 2], sizes: [7, 1] }),
  ),
  exact('slice/vector', { x: integers('x', [9]) }, (op, { x }) => op.slice(x, { starts: [3], sizes: [5] })),
  exact('slice/everything', { x: integers('x', [2, 3]) }, (op, { x }) =>
    op.slice(x, { starts: [0, 0], sizes: [2, 3] }),
  ),
  exact('slice/scalar', { x: integers('x', []) }, (op, { x }) => op.slice(x, { starts: [], sizes: [] })),
  exact('slice/overlapping', { x: integers('x', [5, 4]) }, (op, { x }) => {
    const rowsFrom = (top: number): Value => op.slice(x, { starts: [top, 0], sizes: [3, 4] });
    return op.mul(rowsFrom(0), rowsFrom(2));
  }),
  exact('slice/of-a-slice', { x: image }, (op, { x }) => {
    const inner = op.slice(x, { starts: [0, 1, 1, 1], sizes: [2, 2, 3, 3] });
    return op.slice(inner, { starts: [1, 0, 1, 0], sizes: [1, 2, 2, 2] });
  }),
  exact('slice/bool', { x: coins('x', [5, 7]) }, (op, { x }) =>
    op.slice(x, { starts: [1, 2], sizes: [3, 4] }),
  ),
  exact('slice/int32', { x: indices('x', [5, 7]) }, (op, { x }) =>
    op.slice(x, { starts: [2, 0], sizes: [3, 6] }),
  ),
];
