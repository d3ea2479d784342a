// gather along every axis, with indices that repeat and indices outside; its gradient adds up the copies of an entry.
import type { Shape } from '@isonet/core';
import { int32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

function on(name: string, shape: Shape, axis: number, indices: readonly number[]): Case {
  const feeds = { x: integers('x', shape), indices: int32([indices.length], indices) };
  return exact(`gather/${name}`, feeds, (op, { x, indices: at }) => op.gather(x, at, { axis }));
}

/** Indices that are a constant of the graph, which a kernel may read beforehand. */
function constant(name: string, shape: Shape, axis: number, indices: readonly number[]): Case {
  return exact(`gather/${name}`, { x: integers('x', shape) }, (op, { x }, b) =>
    op.gather(x, b.constant(int32([indices.length], indices)), { axis }),
  );
}

export const cases: readonly Case[] = [
  on('rows', [5, 3], 0, [3, 0, 3, 1]),
  on('columns', [4, 7], 1, [6, 2, 2, 0, 5]),
  on('vector', [6], 0, [5, 1, 1, 4]),
  on('images', [4, 2, 3, 3], 0, [2, 2, 0]),
  on('channels', [2, 5, 3, 3], 1, [4, 0, 2, 4]),
  on('pixel-rows', [2, 3, 4, 5], 2, [3, 1, 1, 0, 2]),
  on('pixel-columns', [3, 2, 3, 4], 3, [1, 3]),
  on('sequences', [2, 3, 4], 1, [2, 0]),
  on('as-it-is', [3, 4, 2], 1, [0, 1, 2, 3]),
  on('one-entry', [2, 3, 4], 1, [1]),
  on('from-one-entry', [3, 1, 2], 1, [0, 0, 0]),
  on('outside', [3, 5], 1, [-1, 4, 5, 1000, -5, 0]),
  on('rows-outside', [4, 3], 0, [3, -2, 4, 1]),
  on('channels-outside', [2, 3, 2, 2], 1, [2, -1, 3, 0]),
  constant('constant-indices', [2, 5, 3, 2], 1, [4, 1, 1, 0]),
  constant('constant-index-below', [2, 4, 3], 1, [3, -1, 1, 0]),
  constant('constant-index-above', [2, 4, 3], 1, [3, 4, 1, 0]),
  bounded(
    'gather/reals',
    { x: reals('x', [3, 6, 5]), indices: int32([4], [5, 0, 2, 5]) },
    (op, { x, indices }) => op.gather(x, indices, { axis: 1 }),
  ),
  bounded(
    'gather/embeddings',
    { x: reals('x', [9, 4]), indices: int32([6], [8, 3, 0, 3, 7, 1]) },
    (op, { x, indices }) => op.gather(x, indices, { axis: 0 }),
  ),
];
