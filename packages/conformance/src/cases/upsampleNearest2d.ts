// upsampleNearest2d: copies, so exact; its gradient sums them.
import type { Shape } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded, exact } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';

function on(name: string, shape: Shape, scales: readonly [number, number]): Case {
  return exact(`upsampleNearest2d/${name}`, { x: integers('x', shape) }, (op, { x }) =>
    op.upsampleNearest2d(x, { scales }),
  );
}

export const cases: readonly Case[] = [
  on('twice', [2, 3, 3, 4], [2, 2]),
  on('other-down-than-right', [2, 2, 3, 5], [3, 2]),
  on('rows-alone', [1, 3, 4, 3], [4, 1]),
  on('columns-alone', [3, 1, 2, 3], [1, 3]),
  on('as-it-is', [2, 3, 4, 5], [1, 1]),
  on('one-pixel', [2, 5, 1, 1], [3, 2]),
  bounded('upsampleNearest2d/reals', { x: reals('x', [2, 3, 5, 3]) }, (op, { x }) =>
    op.upsampleNearest2d(x, { scales: [2, 3] }),
  ),
];
