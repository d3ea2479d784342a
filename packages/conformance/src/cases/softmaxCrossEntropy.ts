// softmaxCrossEntropy, including targets other than one-hot rows and logits whose exp overflows.
import { float32 } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

const oneHotRows = float32([3, 4], [0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
const smoothed = float32(
  [3, 4],
  oneHotRows.data.map((value) => value * 0.875 + 0.03125),
);

export const cases: readonly Case[] = casesFor('softmaxCrossEntropy', ({ bounded }) => [
  bounded('one-hot', { logits: reals('logits', [3, 4], -3, 3), target: oneHotRows }),
  bounded('smoothed', { logits: reals('logits', [3, 4], -3, 3), target: smoothed }),
  bounded('targets-that-do-not-sum-to-1', {
    logits: reals('logits', [3, 4], -3, 3),
    target: reals('target', [3, 4], 0, 1),
  }),
  bounded('ten-classes', { logits: reals('logits', [7, 10], -1, 1), target: reals('target', [7, 10], 0, 1) }),
  bounded('one-class', { logits: reals('logits', [3, 1]), target: flat([3, 1], 1) }),
  // exp overflows here unless the row's maximum is subtracted first.
  bounded('large-logits', { logits: reals('logits', [3, 4], 500, 503), target: oneHotRows }),
  bounded('equal-logits', { logits: flat([2, 10], 0), target: flat([2, 10], 0.125) }),
]);
