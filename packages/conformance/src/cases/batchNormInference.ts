// batchNormInference, with statistics that are not those of x.
import type { Shape } from '@isonet/core';
import { dimOf } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

function on(name: string, shape: Shape, epsilon: number, lowestVariance = 0.25): Case {
  const channels = [dimOf(shape, 1)];
  const feeds = {
    x: reals('x', shape),
    scale: reals('scale', channels),
    bias: reals('bias', channels),
    mean: reals('mean', channels),
    variance: reals('variance', channels, lowestVariance, 2 * lowestVariance),
  };
  return bounded(`batchNormInference/${name}`, feeds, (op, { x, scale, bias, mean, variance }) =>
    op.batchNormInference(x, scale, bias, mean, variance, { epsilon }),
  );
}

export const cases: readonly Case[] = [
  on('images', [2, 3, 4, 5], 1e-5),
  on('rows', [4, 7], 1e-5),
  on('sequences', [2, 3, 5], 1e-3),
  on('one-channel', [2, 1, 2, 2], 1e-5),
  // Epsilon matters as much as the variance.
  on('small-variance', [2, 3, 2, 2], 0.1, 0.1),
];
