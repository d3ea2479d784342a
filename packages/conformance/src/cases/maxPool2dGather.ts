import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import { poolings } from './poolings.ts';

// On its own, with values that come from elsewhere; its gradient is maxPool2dGrad again.
export const maxPool2dGather: readonly Case[] = poolings.map(({ name, x, attrs, tied }) =>
  exact(
    `maxPool2dGather/${name}`,
    { x, g: integers('g', x.shape) },
    (op, values) => op.maxPool2dGather(values.x, op.maxPool2d(values.x, attrs), values.g, attrs),
    { kinked: tied },
  ),
);
