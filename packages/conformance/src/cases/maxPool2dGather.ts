// maxPool2dGather on values that are fed, not computed from maxPool2dGrad. Its own gradient is maxPool2dGrad.
import { type Case, casesFor } from '../case/case.ts';
import { integers } from '../case/data.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = casesFor('maxPool2dGather', ({ exact }) =>
  poolings.map(({ name, x, attrs, tied }) =>
    exact(
      name,
      { x, g: integers('g', x.shape) },
      (op, values) => op.maxPool2dGather(values.x, op.maxPool2d(values.x, attrs), values.g, attrs),
      { kinked: tied },
    ),
  ),
);
