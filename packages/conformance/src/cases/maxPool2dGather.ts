// maxPool2dGather on its own, with values that come from elsewhere; its gradient is maxPool2dGrad again.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = poolings.map(({ name, x, attrs, tied }) =>
  exact(
    `maxPool2dGather/${name}`,
    { x, g: integers('g', x.shape) },
    (op, values) => op.maxPool2dGather(values.x, op.maxPool2d(values.x, attrs), values.g, attrs),
    { kinked: tied },
  ),
);
