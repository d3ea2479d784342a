// slice(x): a block of x. `x: [d0, d1, ...] -> sizes`, beginning at `starts`.
import { sizeOf } from '@isonet/core';
import { axesOf } from './axes.ts';
import { gather } from './gather.ts';
import type { Kernel } from './kernel.ts';

export const slice: Kernel<'slice'> = ({ attrs: { starts, sizes } }, { inputs: [x] }) => {
  const from = axesOf(x?.shape ?? []);
  if (sizeOf(sizes) === sizeOf(x?.shape ?? [])) return 'alias';
  const start = from.reduce((sum, { stride }, axis) => sum + (starts[axis] ?? 0) * stride, 0);
  return gather(
    from.map(({ stride }, axis) => ({ size: sizes[axis] ?? 1, stride })),
    start,
  );
};
