// slice(x): the block of x that starts at `starts`. `x: [d0, d1, ...] -> sizes`
import { dimOf, sizeOf } from '@isonet/core';
import { axesOf } from './axes.ts';
import { copies } from './copies.ts';
import type { Kernel } from './kernel.ts';

export const slice: Kernel<'slice'> = ({ attrs: { starts, sizes } }, { inputs: [x], outputs: [y] }) => {
  if (sizeOf(sizes) === sizeOf(x.shape)) return { aliasOf: x };
  const from = axesOf(x.shape);
  const start = from.reduce((sum, { stride }, axis) => sum + dimOf(starts, axis) * stride, 0);
  const axes = from.map(({ stride }, axis) => ({ size: dimOf(sizes, axis), stride }));
  return copies(x, y, axes, start);
};
