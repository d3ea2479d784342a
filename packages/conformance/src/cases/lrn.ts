// lrn: windows of every size over the channels, cut off at the first and the last channel.
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

const plain = { alpha: 1, beta: 0.75, bias: 1 };

export const cases: readonly Case[] = casesFor('lrn', ({ bounded }) => [
  bounded('five-channels-of-seven', { x: reals('x', [2, 7, 3, 2], -2, 2) }, { size: 5, ...plain }),
  // An even window extends one channel further up than down.
  bounded('even-size', { x: reals('x', [2, 6, 2, 3], -2, 2) }, { size: 4, ...plain }),
  bounded('size-1', { x: reals('x', [2, 3, 2, 2], -2, 2) }, { size: 1, ...plain }),
  bounded('wider-than-the-channels', { x: reals('x', [2, 3, 2, 2], -2, 2) }, { size: 9, ...plain }),
  bounded('one-channel', { x: reals('x', [2, 1, 3, 3], -2, 2) }, { size: 3, ...plain }),
  bounded('googlenet', { x: reals('x', [2, 8, 2, 2], -2, 2) }, { size: 5, ...plain, alpha: 1e-4 }),
  bounded(
    'another-bias-and-beta',
    { x: reals('x', [1, 6, 2, 2], -2, 2) },
    { size: 3, alpha: 0.5, beta: 0.5, bias: 2 },
  ),
]);
