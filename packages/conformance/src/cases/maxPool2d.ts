// maxPool2d; its gradient is maxPool2dGrad on the same values.
import { type Case, casesFor } from '../case/case.ts';
import { maxPoolGrid } from './grid.ts';
import { poolings } from './poolings.ts';

export const cases: readonly Case[] = casesFor('maxPool2d', ({ exact }) =>
  [...poolings, ...maxPoolGrid].map(({ name, x, attrs, tied }) =>
    exact(name, { x }, attrs, { kinked: tied }),
  ),
);
