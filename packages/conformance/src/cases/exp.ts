// exp, to within the units in the last place that rounding/table.ts allows.
import { type Case, casesFor } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('exp', ({ bounded }) => [
  bounded('around-0', { x: reals('x', [3, 5, 7], -4, 4) }),
  bounded('large-and-small', { x: reals('x', [33], -60, 60) }),
  bounded('scalar', { x: reals('x', []) }),
]);
