import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import { poolings } from './poolings.ts';

// On its own, with a gradient that comes from elsewhere. It has no gradient itself yet.
export const maxPool2dGrad: readonly Case[] = poolings.map(({ name, x, y, attrs }) =>
  exact(
    `maxPool2dGrad/${name}`,
    { x, dy: integers('dy', y) },
    (op, values) => op.maxPool2dGrad(values.x, op.maxPool2d(values.x, attrs), values.dy, attrs),
    { differentiable: false },
  ),
);
