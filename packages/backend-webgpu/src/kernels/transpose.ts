// transpose(x): axis i of the result is axis permutation[i] of x. If only axes of size 1 move, the result is an alias of x.
// `x: [d0, d1, ...] -> [d(permutation[0]), d(permutation[1]), ...]`
import { defined } from '@isonet/core';
import { axesOf } from './axes.ts';
import { copies } from './copies.ts';
import type { Kernel } from './kernel.ts';

export const transpose: Kernel<'transpose'> = ({ attrs: { permutation } }, { inputs: [x], outputs: [y] }) => {
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  const ordered = moving.toSorted((a, b) => a - b);
  if (moving.every((axis, i) => axis === ordered[i])) return { aliasOf: x };
  const from = axesOf(x.shape);
  const axes = permutation.map((axis) => defined(from[axis], `transpose: axis ${axis}`));
  return copies(x, y, axes);
};
