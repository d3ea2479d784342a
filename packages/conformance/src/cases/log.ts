// log, to within the units in the last place that rounding/table.ts allows.
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('log', ({ bounded }) => [
  bounded('around-1', { x: reals('x', [3, 5, 7], 0.25, 4) }),
  bounded('large', { x: reals('x', [33], 1e3, 1e9) }),
  bounded('scalar', { x: reals('x', [], 2, 3) }),
]);
