// logSoftmax along any axis; where softmax rounds to 0, it still is a number.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('logSoftmax/rows', { x: reals('x', [5, 7], -3, 3) }, (op, { x }) => op.logSoftmax(x, { axis: 1 })),
  bounded('logSoftmax/columns', { x: reals('x', [5, 7], -3, 3) }, (op, { x }) =>
    op.logSoftmax(x, { axis: 0 }),
  ),
  bounded('logSoftmax/channels', { x: reals('x', [2, 5, 3, 4]) }, (op, { x }) =>
    op.logSoftmax(x, { axis: 1 }),
  ),
  bounded('logSoftmax/large', { x: reals('x', [3, 4], 900, 903) }, (op, { x }) =>
    op.logSoftmax(x, { axis: 1 }),
  ),
  // The logarithm of softmax would be -Infinity here.
  bounded('logSoftmax/far-apart', { x: float32([2, 3], [0, -800, 3, 150, 1, -80]) }, (op, { x }) =>
    op.logSoftmax(x, { axis: 1 }),
  ),
  bounded('logSoftmax/all-equal', { x: flat([2, 10], -4) }, (op, { x }) => op.logSoftmax(x, { axis: 1 })),
  bounded('logSoftmax/one-class', { x: reals('x', [3, 1]) }, (op, { x }) => op.logSoftmax(x, { axis: 1 })),
];
