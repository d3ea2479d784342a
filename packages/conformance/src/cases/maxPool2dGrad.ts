// maxPool2dGrad on its own, with a gradient that comes from elsewhere; its own gradient is maxPool2dGather.
import type { Case } from '../case/case.ts';
import { exact } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = poolings.map(({ name, x, y, attrs, tied }) =>
  exact(
    `maxPool2dGrad/${name}`,
    { x, dy: integers('dy', y) },
    (op, values) => op.maxPool2dGrad(values.x, op.maxPool2d(values.x, attrs), values.dy, attrs),
    { kinked: tied },
  ),
);
