// broadcast(x): repeats x along its axes of size 1, which then have stride 0. The values are moved as bits: any dtype.
// `x: [d0 | 1, d1 | 1, ...] -> [d0, d1, ...]`, or a scalar to any shape
import { sizeOf } from '@isonet/core';
import { axesOf, joined, offsetFunction } from './axes.ts';
import type { Kernel } from './kernel.ts';
import { dispatch, input, output } from './kernel.ts';

export const broadcast: Kernel<'broadcast'> = ({ attrs: { shape } }, { inputs: [x] }) => {
  const from = axesOf(x?.shape ?? []);
  if (sizeOf(shape) === sizeOf(x?.shape ?? [])) return 'alias';
  const axes = shape.map((size, axis) => {
    const source = from[axis];
    return { size, stride: source?.size === size ? source.stride : 0 };
  });
  const { source, params } = offsetFunction('place', joined(axes));
  return [
    dispatch({
      reads: { x: [input(0), 'u32'] },
      writes: { y: [output(0), 'u32'] },
      params,
      threads: sizeOf(shape),
      functions: source,
      body: 'y[i] = x[place(i)];',
    }),
  ];
};
