import { defined } from '@isonet/core';
import type { Fault } from '../fault.ts';

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
