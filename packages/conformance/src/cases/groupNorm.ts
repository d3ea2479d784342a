// groupNorm: from one group to as many as channels, and the gradients of all three inputs.
import type { Shape } from '@isonet/core';
import { dimOf, float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

function on(name: string, shape: Shape, groups: number, epsilon = 1e-5, low = -1, high = 1): Case {
  const channels = [dimOf(shape, 1)];
  const feeds = {
    x: reals('x', shape, low, high),
    scale: reals('scale', channels, 0.5, 2),
    bias: reals('bias', channels),
  };
  return bounded(`groupNorm/${name}`, feeds, (op, { x, scale, bias }) =>
    op.groupNorm(x, scale, bias, { groups, epsilon }),
  );
}

export const cases: readonly Case[] = [
  on('two-groups', [2, 4, 3, 3], 2),
  on('one-group', [3, 3, 2, 2], 1),
  on('a-group-per-channel', [2, 3, 3, 4], 3, 1e-3),
  on('rows', [3, 12], 3),
  on('sequences', [2, 6, 5], 2),
  on('one-sample', [1, 6, 2, 2], 3),
  // The mean of the squares less the square of the mean would lose the variance here.
  on('far-from-0', [5, 4, 3], 2, 1e-5, 300, 301),
  // A dead group: its variance is 0, and epsilon alone keeps the quotient finite. (Kinked for being too steep there.)
  bounded(
    'groupNorm/constant-group',
    {
      x: float32([2, 4, 2], [0, 0, 0, 0, 1, -1, 2, 0.5, 0, 0, 0, 0, -1.5, 3, 1, 0]),
      scale: reals('scale', [4], 0.5, 2),
      bias: reals('bias', [4]),
    },
    (op, { x, scale, bias }) => op.groupNorm(x, scale, bias, { groups: 2, epsilon: 1e-3 }),
    { kinked: true },
  ),
];
