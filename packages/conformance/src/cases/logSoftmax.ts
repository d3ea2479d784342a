// logSoftmax along any axis; it stays finite where softmax underflows to 0.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('logSoftmax', ({ bounded }) => [
  bounded('rows', { x: reals('x', [5, 7], -3, 3) }, { axis: 1 }),
  bounded('columns', { x: reals('x', [5, 7], -3, 3) }, { axis: 0 }),
  bounded('channels', { x: reals('x', [2, 5, 3, 4]) }, { axis: 1 }),
  bounded('large', { x: reals('x', [3, 4], 900, 903) }, { axis: 1 }),
  // The logarithm of softmax would be -Infinity here.
  bounded('far-apart', { x: float32([2, 3], [0, -800, 3, 150, 1, -80]) }, { axis: 1 }),
  bounded('all-equal', { x: flat([2, 10], -4) }, { axis: 1 }),
  bounded('one-class', { x: reals('x', [3, 1]) }, { axis: 1 }),
]);
