// reduceMax, whose gradient is shared by ties. Bounded because the shares are quotients; the maxima themselves are exact.
import { type Case, casesFor, kinked } from '../case/case.ts';
import { distinct, flat, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('reduceMax', ({ bounded }) => [
  bounded('last-axis', { x: distinct('x', [5, 7]) }, { axes: [1] }),
  bounded('first-axis', { x: distinct('x', [5, 7]) }, { axes: [0] }),
  bounded('outer-axes', { x: distinct('x', [2, 3, 4]) }, { axes: [0, 2] }),
  bounded('no-axes', { x: distinct('x', [2, 3]) }, { axes: [] }),
  bounded('negative-only', { x: reals('x', [4, 9], -5, -1) }, { axes: [1] }),
  bounded('ties-share', { x: flat([3, 4], -2) }, { axes: [1] }, kinked),
]);
