// softmax along any axis, of numbers whose exp overflows too.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('softmax/rows', { x: reals('x', [5, 7], -3, 3) }, (op, { x }) => op.softmax(x, { axis: 1 })),
  bounded('softmax/columns', { x: reals('x', [5, 7], -3, 3) }, (op, { x }) => op.softmax(x, { axis: 0 })),
  bounded('softmax/channels', { x: reals('x', [2, 5, 3, 4]) }, (op, { x }) => op.softmax(x, { axis: 1 })),
  bounded('softmax/vector', { x: reals('x', [9], -3, 3) }, (op, { x }) => op.softmax(x, { axis: 0 })),
  // exp of these overflows unless the row's maximum is taken off first.
  bounded('softmax/large', { x: reals('x', [3, 4], 900, 903) }, (op, { x }) => op.softmax(x, { axis: 1 })),
  bounded('softmax/far-apart', { x: float32([2, 3], [0, -200, 3, 150, 1, -80]) }, (op, { x }) =>
    op.softmax(x, { axis: 1 }),
  ),
  bounded('softmax/all-equal', { x: flat([2, 10], -4) }, (op, { x }) => op.softmax(x, { axis: 1 })),
  bounded('softmax/one-class', { x: reals('x', [3, 1]) }, (op, { x }) => op.softmax(x, { axis: 1 })),
];
