// batchNormGrad and its own gradients, on a gradient that is fed, not computed from batchNorm.
import { dimOf, float32, type Shape, sizeOf, type Tensor } from '@isonet/core';
import { type Case, casesFor } from '../case/case.ts';
import { elementAt } from '../check/compare.ts';
import { reals } from '../case/data.ts';
import { operands } from './normalizations.ts';

type InputName = 'x' | 'scale' | 'mean' | 'variance' | 'dy';

/** Returns x with its statistics, a scale and a gradient. */
function feedsOf(x: Tensor, low = 0.5, high = 2): Record<InputName, Tensor> {
  const channels = [dimOf(x.shape, 1)];
  const means = channelMeans(x.shape, Array.from<number>(x.data));
  const squares = Array.from(x.data, (value, i) => (value - elementAt(means, channelOf(x.shape, i))) ** 2);
  return {
    x,
    scale: reals('scale', channels, low, high),
    mean: float32(channels, means),
    variance: float32(channels, channelMeans(x.shape, squares)),
    dy: reals('dy', x.shape),
  };
}

/** Returns the mean of each channel. `[N, C, ...] -> [C]` */
function channelMeans(shape: Shape, values: readonly number[]): readonly number[] {
  const sums = new Float64Array(dimOf(shape, 1));
  values.forEach((value, i) => (sums[channelOf(shape, i)]! += value));
  return Array.from(sums, (sum) => (sum * sums.length) / values.length);
}

function channelOf(shape: Shape, i: number): number {
  return Math.floor(i / sizeOf(shape.slice(2))) % dimOf(shape, 1);
}

export const cases: readonly Case[] = casesFor('batchNormGrad', ({ bounded }) => [
  bounded('images', feedsOf(reals('x', [2, 3, 2, 3])), { epsilon: 1e-5 }),
  bounded('rows', feedsOf(reals('x', [9, 5])), { epsilon: 1e-5 }),
  bounded('sequences', feedsOf(reals('x', [2, 3, 5])), { epsilon: 1e-3 }),
  bounded('one-channel', feedsOf(reals('x', [2, 1, 2, 3])), { epsilon: 1e-3 }),
  bounded('one-pixel', feedsOf(reals('x', [6, 4, 1, 1])), { epsilon: 1e-3 }),
  bounded('negative-scale', feedsOf(reals('x', [3, 4, 2, 2]), -2, -0.5), { epsilon: 1e-5 }),
  bounded('only-dx', feedsOf(reals('x', [3, 4, 2, 2], -4, 4)), (op, { x, scale, mean, variance, dy }) =>
    op.batchNormGrad(x, scale, mean, variance, dy, { epsilon: 1e-5 }).slice(0, 1),
  ),
  // As in a training step: the statistics come from batchNorm, so the bound includes its rounding errors.
  bounded(
    'far-from-0',
    { ...operands(reals('x', [4, 3, 1, 2], 300, 301)), dy: reals('dy', [4, 3, 1, 2]) },
    (op, { x, scale, bias, dy }) => {
      const [, mean, variance] = op.batchNorm(x, scale, bias, { epsilon: 1e-5 });
      return op.batchNormGrad(x, scale, mean, variance, dy, { epsilon: 1e-5 });
    },
  ),
]);
