// slice of every dtype; its gradient is pad.
import type { Value } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { coins, indices, integers } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';

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

/** The block begins one further on along the first axis that has room, or one before. */
const shiftedBlock: Fault<'slice'> = {
  name: 'a shifted block',
  plant: ({ node: { attrs }, operands: [x] }) => {
    const rooms = x.shape.map((dim, axis) => dim - defined(attrs.sizes[axis], `the size of axis ${axis}`));
    const shifted = rooms.findIndex((room) => room > 0);
    if (shifted < 0) return 'all of it is taken';
    const starts = attrs.starts.map((start, axis) => {
      if (axis !== shifted) return start;
      return start === rooms[axis] ? start - 1 : start + 1;
    });
    return { attrs: { ...attrs, starts } };
  },
};

export const faults: readonly Fault<'slice'>[] = [shiftedBlock];
