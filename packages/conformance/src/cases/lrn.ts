// lrn: windows of every size over the channels, cut off at the first and the last.
import type { Shape } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

function on(
  name: string,
  shape: Shape,
  size: number,
  given: { alpha?: number; beta?: number; bias?: number } = {},
): Case {
  const attrs = { size, alpha: 1, beta: 0.75, bias: 1, ...given };
  return bounded(`lrn/${name}`, { x: reals('x', shape, -2, 2) }, (op, { x }) => op.lrn(x, attrs));
}

export const cases: readonly Case[] = [
  on('five-channels-of-seven', [2, 7, 3, 2], 5),
  // An even window reaches one channel further up than down.
  on('even-size', [2, 6, 2, 3], 4),
  on('size-1', [2, 3, 2, 2], 1),
  on('wider-than-the-channels', [2, 3, 2, 2], 9),
  on('one-channel', [2, 1, 3, 3], 3),
  on('googlenet', [2, 8, 2, 2], 5, { alpha: 1e-4 }),
  on('another-bias-and-beta', [1, 6, 2, 2], 3, { alpha: 0.5, beta: 0.5, bias: 2 }),
];
