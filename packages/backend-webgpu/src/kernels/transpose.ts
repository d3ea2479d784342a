// transpose(x): axis i of the result is axis permutation[i] of x; the same memory where only axes of size 1 move.
// `x: [d0, d1, ...] -> [d(permutation[0]), d(permutation[1]), ...]`
import { axesOf } from './axes.ts';
import { gather } from './gather.ts';
import type { Kernel } from './kernel.ts';

export const transpose: Kernel<'transpose'> = ({ attrs: { permutation } }, { inputs: [x] }) => {
  const shape = x?.shape ?? [];
  const moving = permutation.filter((axis) => shape[axis] !== 1);
  if (moving.every((axis, i) => axis >= (moving[i - 1] ?? 0))) return 'alias';
  const from = axesOf(shape);
  return gather(permutation.map((axis) => from[axis] ?? { size: 1, stride: 0 }));
};
