// broadcast(x): repeats x along its axes of size 1, which are read with stride 0.
// `x: [d0 | 1, d1 | 1, ...] -> [d0, d1, ...]`, or from a scalar to any shape
import { sizeOf } from '@isonet/core';
import { axesOf } from './axes.ts';
import { copies } from './copies.ts';
import type { Kernel } from './kernel.ts';

export const broadcast: Kernel<'broadcast'> = ({ attrs: { shape } }, { inputs: [x], outputs: [y] }) => {
  if (sizeOf(shape) === sizeOf(x.shape)) return { aliasOf: x };
  const from = axesOf(x.shape);
  // A scalar has no axes, so every stride is 0.
  const axes = shape.map((size, axis) => ({
    size,
    stride: from[axis]?.size === size ? from[axis].stride : 0,
  }));
  return copies(x, y, axes);
};
