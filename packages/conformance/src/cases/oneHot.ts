// oneHot, for labels that are no class too.
import { int32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';

export const cases: readonly Case[] = [
  exact('oneHot/every-class', { labels: int32([5], [3, 0, 9, 3, 1]) }, (op, { labels }) =>
    op.oneHot(labels, { depth: 10 }),
  ),
  exact('oneHot/outside-the-classes', { labels: int32([4], [-1, 3, 2, 1000]) }, (op, { labels }) =>
    op.oneHot(labels, { depth: 3 }),
  ),
  exact('oneHot/one-class', { labels: int32([2], [0, 1]) }, (op, { labels }) =>
    op.oneHot(labels, { depth: 1 }),
  ),
  exact('oneHot/one-label', { labels: int32([1], [2]) }, (op, { labels }) => op.oneHot(labels, { depth: 3 })),
  exact(
    'oneHot/as-a-mask',
    { x: integers('x', [3, 4]), labels: int32([3], [1, 3, 0]) },
    (op, { x, labels }) => op.mul(x, op.oneHot(labels, { depth: 4 })),
  ),
];
