// layerNorm over one axis or several, and the gradients of all three inputs.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { reals } from '../case/data.ts';
import { operands } from './normalizations.ts';

export const cases: readonly Case[] = casesFor('layerNorm', ({ bounded }) => [
  bounded('rows', operands(reals('x', [4, 7]), [7]), { epsilon: 1e-5 }),
  bounded('images', operands(reals('x', [2, 3, 2, 3]), [3, 2, 3]), { epsilon: 1e-5 }),
  bounded('last-of-three-axes', operands(reals('x', [2, 3, 5]), [5]), { epsilon: 1e-3 }),
  bounded('last-two-of-four-axes', operands(reals('x', [2, 2, 3, 3]), [3, 3]), { epsilon: 1e-5 }),
  bounded('one-sample', operands(reals('x', [1, 9]), [9]), { epsilon: 1e-5 }),
  // A variance computed as the mean of the squares minus the square of the mean would suffer from cancellation here.
  bounded('far-from-0', operands(reals('x', [5, 6], 300, 301), [6]), { epsilon: 1e-5 }),
  // A dead sample: its variance is 0, so only epsilon keeps the quotient finite. (Kinked: too steep for finite differences.)
  bounded(
    'constant-sample',
    operands(float32([3, 4], [0, 0, 0, 0, 1, -1, 2, 0.5, -1.5, 3, 1, 0]), [4]),
    { epsilon: 1e-3 },
    kinked,
  ),
]);
