// batchNormGrad on its own, with a gradient that comes from elsewhere, and its own gradients.
import type { Shape, Tensor } from '@isonet/core';
import { dimOf, float32, sizeOf } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { numberAt } from '../check/compare.ts';
import { reals } from '../case/data.ts';

type InputName = 'x' | 'scale' | 'mean' | 'variance' | 'dy';

/** x with its statistics, a scale and a gradient. */
function feedsOf(x: Tensor, low = 0.5, high = 2): Record<InputName, Tensor> {
  const channels = [dimOf(x.shape, 1)];
  const means = channelMeans(x.shape, Array.from<number>(x.data));
  const squares = Array.from(x.data, (value, i) => (value - numberAt(means, channelOf(x.shape, i))) ** 2);
  const variances = channelMeans(x.shape, squares);
  return {
    x,
    scale: reals('scale', channels, low, high),
    mean: float32(channels, means),
    variance: float32(channels, variances),
    dy: reals('dy', x.shape),
  };
}

/** The mean over each channel. `[N, C, ...] -> [C]` */
function channelMeans(shape: Shape, values: readonly number[]): readonly number[] {
  const sums = new Float64Array(dimOf(shape, 1));
  values.forEach((value, i) => (sums[channelOf(shape, i)]! += value));
  return Array.from(sums, (sum) => (sum * sums.length) / values.length);
}

function channelOf(shape: Shape, i: number): number {
  return Math.floor(i / sizeOf(shape.slice(2))) % dimOf(shape, 1);
}

function on(name: string, x: Tensor, epsilon: number, low?: number, high?: number): Case {
  return bounded(
    `batchNormGrad/${name}`,
    feedsOf(x, low, high),
    (op, { x: from, scale, mean, variance, dy }) =>
      op.batchNormGrad(from, scale, mean, variance, dy, { epsilon }),
  );
}

const images: Shape = [3, 4, 2, 2];

export const cases: readonly Case[] = [
  on('images', reals('x', [2, 3, 2, 3]), 1e-5),
  on('rows', reals('x', [9, 5]), 1e-5),
  on('sequences', reals('x', [2, 3, 5]), 1e-3),
  on('one-channel', reals('x', [2, 1, 2, 3]), 1e-3),
  on('one-pixel', reals('x', [6, 4, 1, 1]), 1e-3),
  on('negative-scale', reals('x', images), 1e-5, -2, -0.5),
  bounded(
    'batchNormGrad/only-dx',
    feedsOf(reals('x', images, -4, 4)),
    (op, { x, scale, mean, variance, dy }) =>
      op.batchNormGrad(x, scale, mean, variance, dy, { epsilon: 1e-5 }).slice(0, 1),
  ),
  // As in a training step: the statistics come from batchNorm, whose roundings count in the bound.
  bounded(
    'batchNormGrad/far-from-0',
    {
      x: reals('x', [4, 3, 1, 2], 300, 301),
      scale: reals('scale', [3], 0.5, 2),
      bias: reals('bias', [3]),
      dy: reals('dy', [4, 3, 1, 2]),
    },
    (op, { x, scale, bias, dy }) => {
      const [, mean, variance] = op.batchNorm(x, scale, bias, { epsilon: 1e-5 });
      return op.batchNormGrad(x, scale, mean, variance, dy, { epsilon: 1e-5 });
    },
  ),
];
