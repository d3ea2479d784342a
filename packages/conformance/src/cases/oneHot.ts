// oneHot, including labels outside the classes.
import { int32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('oneHot', ({ exact }) => [
  exact('every-class', { labels: int32([5], [3, 0, 9, 3, 1]) }, { depth: 10 }),
  exact('outside-the-classes', { labels: int32([4], [-1, 3, 2, 1000]) }, { depth: 3 }),
  exact('one-class', { labels: int32([2], [0, 1]) }, { depth: 1 }),
  exact('one-label', { labels: int32([1], [2]) }, { depth: 3 }),
  exact('as-a-mask', { x: integers('x', [3, 4]), labels: int32([3], [1, 3, 0]) }, (op, { x, labels }) =>
    op.mul(x, op.oneHot(labels, { depth: 4 })),
  ),
]);
