// avgPool2d, with padding that counts as zeros and with padding that does not count; its gradient is avgPool2dGrad.
import { type Case, casesFor } from '../case/case.ts';
import { averagePoolGrid } from './grid.ts';
import { averagings } from './poolings.ts';

export const cases: readonly Case[] = casesFor('avgPool2d', ({ bounded }) =>
  [...averagings, ...averagePoolGrid].map(({ name, x, attrs }) => bounded(name, { x }, attrs)),
);
