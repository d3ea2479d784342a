// batchNorm: its result, its statistics, and the gradients that flow back through all three.
import type { Shape } from '@isonet/core';
import { dimOf, float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

function on(name: string, shape: Shape, epsilon: number, low = -1, high = 1): Case {
  const channels = [dimOf(shape, 1)];
  const feeds = {
    x: reals('x', shape, low, high),
    scale: reals('scale', channels, 0.5, 2),
    bias: reals('bias', channels),
  };
  return bounded(`batchNorm/${name}`, feeds, (op, { x, scale, bias }) =>
    op.batchNorm(x, scale, bias, { epsilon }),
  );
}

export const cases: readonly Case[] = [
  on('images', [2, 3, 2, 3], 1e-5),
  on('rows', [9, 5], 1e-5),
  on('sequences', [2, 3, 5], 1e-3),
  on('one-channel', [2, 1, 2, 2], 1e-5),
  on('one-pixel', [6, 4, 1, 1], 1e-3),
  // The mean of the squares less the square of the mean would lose the variance here.
  on('far-from-0', [4, 3, 1, 2], 1e-5, 300, 301),
  bounded(
    'batchNorm/only-y',
    { x: reals('x', [3, 4, 2, 2]), scale: reals('scale', [4], -2, -0.5), bias: reals('bias', [4]) },
    (op, { x, scale, bias }) => op.batchNorm(x, scale, bias, { epsilon: 1e-5 })[0],
  ),
  bounded(
    'batchNorm/only-statistics',
    { x: reals('x', [3, 4, 2, 2]), scale: reals('scale', [4]), bias: reals('bias', [4]) },
    (op, { x, scale, bias }) => op.batchNorm(x, scale, bias, { epsilon: 1e-5 }).slice(1),
  ),
  // A dead channel: its variance is 0, and epsilon alone keeps the quotient finite. (Kinked for being too steep there.)
  bounded(
    'batchNorm/constant-channel',
    {
      x: float32([3, 2, 2], [0, 0, 1, -1, 0, 0, 2, 0.5, 0, 0, -1.5, 3]),
      scale: reals('scale', [2], 0.5, 2),
      bias: reals('bias', [2]),
    },
    (op, { x, scale, bias }) => op.batchNorm(x, scale, bias, { epsilon: 1e-3 }),
    { kinked: true },
  ),
];
