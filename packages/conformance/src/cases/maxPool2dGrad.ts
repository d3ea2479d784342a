// maxPool2dGrad on a gradient that is fed, not computed from maxPool2d. Its own gradient is maxPool2dGather.
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = casesFor('maxPool2dGrad', ({ exact }) =>
  poolings.map(({ name, x, y, attrs, tied }) =>
    exact(
      name,
      { x, dy: integers('dy', y) },
      (op, values) => op.maxPool2dGrad(values.x, op.maxPool2d(values.x, attrs), values.dy, attrs),
      { kinked: tied },
    ),
  ),
);
