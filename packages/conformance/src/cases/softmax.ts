// softmax along any axis, including where exp overflows.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('softmax', ({ bounded }) => [
  bounded('rows', { x: reals('x', [5, 7], -3, 3) }, { axis: 1 }),
  bounded('columns', { x: reals('x', [5, 7], -3, 3) }, { axis: 0 }),
  bounded('channels', { x: reals('x', [2, 5, 3, 4]) }, { axis: 1 }),
  bounded('vector', { x: reals('x', [9], -3, 3) }, { axis: 0 }),
  // exp overflows here unless the row's maximum is subtracted first.
  bounded('large', { x: reals('x', [3, 4], 900, 903) }, { axis: 1 }),
  bounded('far-apart', { x: float32([2, 3], [0, -200, 3, 150, 1, -80]) }, { axis: 1 }),
  bounded('all-equal', { x: flat([2, 10], -4) }, { axis: 1 }),
  bounded('one-class', { x: reals('x', [3, 1]) }, { axis: 1 }),
]);
