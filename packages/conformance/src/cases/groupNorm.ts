// groupNorm: from one group to one per channel, and the gradients of all three inputs.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { reals } from '../case/data.ts';
import { operands } from './normalizations.ts';

export const cases: readonly Case[] = casesFor('groupNorm', ({ bounded }) => [
  bounded('two-groups', operands(reals('x', [2, 4, 3, 3])), { groups: 2, epsilon: 1e-5 }),
  bounded('one-group', operands(reals('x', [3, 3, 2, 2])), { groups: 1, epsilon: 1e-5 }),
  bounded('a-group-per-channel', operands(reals('x', [2, 3, 3, 4])), { groups: 3, epsilon: 1e-3 }),
  bounded('rows', operands(reals('x', [3, 12])), { groups: 3, epsilon: 1e-5 }),
  bounded('sequences', operands(reals('x', [2, 6, 5])), { groups: 2, epsilon: 1e-5 }),
  bounded('one-sample', operands(reals('x', [1, 6, 2, 2])), { groups: 3, epsilon: 1e-5 }),
  // A variance computed as the mean of the squares minus the square of the mean would suffer from cancellation here.
  bounded('far-from-0', operands(reals('x', [5, 4, 3], 300, 301)), { groups: 2, epsilon: 1e-5 }),
  // A dead group: its variance is 0, so only epsilon keeps the quotient finite. (Kinked: too steep for finite differences.)
  bounded(
    'constant-group',
    operands(float32([2, 4, 2], [0, 0, 0, 0, 1, -1, 2, 0.5, 0, 0, 0, 0, -1.5, 3, 1, 0])),
    { groups: 2, epsilon: 1e-3 },
    kinked,
  ),
]);
