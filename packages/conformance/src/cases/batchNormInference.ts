// batchNormInference, with statistics other than those of x.
import { dimOf, type Shape, type Tensor } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

function feedsOf(
  shape: Shape,
  variance = 0.25,
): Record<'x' | 'scale' | 'bias' | 'mean' | 'variance', Tensor> {
  const channels = [dimOf(shape, 1)];
  return {
    x: reals('x', shape),
    scale: reals('scale', channels),
    bias: reals('bias', channels),
    mean: reals('mean', channels),
    variance: reals('variance', channels, variance, 2 * variance),
  };
}

export const cases: readonly Case[] = casesFor('batchNormInference', ({ bounded }) => [
  bounded('images', feedsOf([2, 3, 4, 5]), { epsilon: 1e-5 }),
  bounded('rows', feedsOf([4, 7]), { epsilon: 1e-5 }),
  bounded('sequences', feedsOf([2, 3, 5]), { epsilon: 1e-3 }),
  bounded('one-channel', feedsOf([2, 1, 2, 2]), { epsilon: 1e-5 }),
  // Epsilon matters as much as the variance.
  bounded('small-variance', feedsOf([2, 3, 2, 2], 0.1), { epsilon: 0.1 }),
]);
