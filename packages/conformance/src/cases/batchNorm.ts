// batchNorm: the normalized values, the statistics, and the gradients through all three outputs.
import { float32 } from '@isonet/core';
import { type Case, casesFor, kinked } from '../case/case.ts';
import { reals } from '../case/data.ts';
import { operands } from './normalizations.ts';

const image = reals('x', [3, 4, 2, 2]);

export const cases: readonly Case[] = casesFor('batchNorm', ({ bounded }) => [
  bounded('images', operands(reals('x', [2, 3, 2, 3])), { epsilon: 1e-5 }),
  bounded('rows', operands(reals('x', [9, 5])), { epsilon: 1e-5 }),
  bounded('sequences', operands(reals('x', [2, 3, 5])), { epsilon: 1e-3 }),
  bounded('one-channel', operands(reals('x', [2, 1, 2, 2])), { epsilon: 1e-5 }),
  bounded('one-pixel', operands(reals('x', [6, 4, 1, 1])), { epsilon: 1e-3 }),
  // A variance computed as the mean of the squares minus the square of the mean would suffer from cancellation here.
  bounded('far-from-0', operands(reals('x', [4, 3, 1, 2], 300, 301)), { epsilon: 1e-5 }),
  bounded(
    'only-y',
    { ...operands(image), scale: reals('scale', [4], -2, -0.5) },
    (op, { x, scale, bias }) => op.batchNorm(x, scale, bias, { epsilon: 1e-5 })[0],
  ),
  bounded('only-statistics', { ...operands(image), scale: reals('scale', [4]) }, (op, { x, scale, bias }) =>
    op.batchNorm(x, scale, bias, { epsilon: 1e-5 }).slice(1),
  ),
  // A dead channel: its variance is 0, so only epsilon keeps the quotient finite. (Kinked: too steep for finite differences.)
  bounded(
    'constant-channel',
    operands(float32([3, 2, 2], [0, 0, 1, -1, 0, 0, 2, 0.5, 0, 0, -1.5, 3])),
    { epsilon: 1e-3 },
    kinked,
  ),
]);
