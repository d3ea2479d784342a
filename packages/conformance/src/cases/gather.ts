// gather along every axis, with repeated indices and indices outside the axis; its gradient sums over the copies of an entry.
import { int32, type Shape, type Tensor } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

function on(shape: Shape, indices: readonly number[], draw = integers): Record<'x' | 'indices', Tensor> {
  return { x: draw('x', shape), indices: int32([indices.length], indices) };
}

export const cases: readonly Case[] = casesFor('gather', ({ bounded, exact }) => [
  exact('rows', on([5, 3], [3, 0, 3, 1]), { axis: 0 }),
  exact('columns', on([4, 7], [6, 2, 2, 0, 5]), { axis: 1 }),
  exact('vector', on([6], [5, 1, 1, 4]), { axis: 0 }),
  exact('images', on([4, 2, 3, 3], [2, 2, 0]), { axis: 0 }),
  exact('channels', on([2, 5, 3, 3], [4, 0, 2, 4]), { axis: 1 }),
  exact('pixel-rows', on([2, 3, 4, 5], [3, 1, 1, 0, 2]), { axis: 2 }),
  exact('pixel-columns', on([3, 2, 3, 4], [1, 3]), { axis: 3 }),
  exact('sequences', on([2, 3, 4], [2, 0]), { axis: 1 }),
  exact('as-it-is', on([3, 4, 2], [0, 1, 2, 3]), { axis: 1 }),
  exact('one-entry', on([2, 3, 4], [1]), { axis: 1 }),
  exact('from-one-entry', on([3, 1, 2], [0, 0, 0]), { axis: 1 }),
  exact('outside', on([3, 5], [-1, 4, 5, 1000, -5, 0]), { axis: 1 }),
  exact('rows-outside', on([4, 3], [3, -2, 4, 1]), { axis: 0 }),
  exact('channels-outside', on([2, 3, 2, 2], [2, -1, 3, 0]), { axis: 1 }),
  // Indices that are constants of the graph, which a kernel may read when it is compiled.
  ...(
    [
      ['constant-indices', [2, 5, 3, 2], [4, 1, 1, 0]],
      ['constant-index-below', [2, 4, 3], [3, -1, 1, 0]],
      ['constant-index-above', [2, 4, 3], [3, 4, 1, 0]],
    ] as const
  ).map(([name, shape, indices]) =>
    exact(name, { x: integers('x', shape) }, (op, { x }, b) =>
      op.gather(x, b.constant(int32([4], indices)), { axis: 1 }),
    ),
  ),
  bounded('reals', on([3, 6, 5], [5, 0, 2, 5], reals), { axis: 1 }),
  bounded('embeddings', on([9, 4], [8, 3, 0, 3, 7, 1], reals), { axis: 0 }),
]);
