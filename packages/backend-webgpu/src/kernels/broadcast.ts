// broadcast(x): repeats x along its axes of size 1, which then have stride 0.
// `x: [d0 | 1, d1 | 1, ...] -> [d0, d1, ...]`, or a scalar to any shape
import { sizeOf } from '@isonet/core';
import { axesOf } from './axes.ts';
import { gather } from './gather.ts';
import type { Kernel } from './kernel.ts';

export const broadcast: Kernel<'broadcast'> = ({ attrs: { shape } }, { inputs: [x] }) => {
  const from = axesOf(x?.shape ?? []);
  if (sizeOf(shape) === sizeOf(x?.shape ?? [])) return 'alias';
  return gather(
    shape.map((size, axis) => {
      const source = from[axis];
      return { size, stride: source?.size === size ? source.stride : 0 };
    }),
  );
};
