// layerNorm over one axis or several, and the gradients of all three inputs.
import type { Shape } from '@isonet/core';
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

/** @param axes how many are normalized over */
function on(name: string, shape: Shape, axes: number, epsilon = 1e-5, low = -1, high = 1): Case {
  const last = shape.slice(-axes);
  const feeds = {
    x: reals('x', shape, low, high),
    scale: reals('scale', last, 0.5, 2),
    bias: reals('bias', last),
  };
  return bounded(`layerNorm/${name}`, feeds, (op, { x, scale, bias }) =>
    op.layerNorm(x, scale, bias, { epsilon }),
  );
}

export const cases: readonly Case[] = [
  on('rows', [4, 7], 1),
  on('images', [2, 3, 2, 3], 3),
  on('last-of-three-axes', [2, 3, 5], 1, 1e-3),
  on('last-two-of-four-axes', [2, 2, 3, 3], 2),
  on('one-sample', [1, 9], 1),
  // The mean of the squares less the square of the mean would lose the variance here.
  on('far-from-0', [5, 6], 1, 1e-5, 300, 301),
  // A dead sample: its variance is 0, and epsilon alone keeps the quotient finite. (Kinked for being too steep there.)
  bounded(
    'layerNorm/constant-sample',
    {
      x: float32([3, 4], [0, 0, 0, 0, 1, -1, 2, 0.5, -1.5, 3, 1, 0]),
      scale: reals('scale', [4], 0.5, 2),
      bias: reals('bias', [4]),
    },
    (op, { x, scale, bias }) => op.layerNorm(x, scale, bias, { epsilon: 1e-3 }),
    { kinked: true },
  ),
];
