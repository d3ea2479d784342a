// globalNorm of one tensor and of several, including scalars.
import { type Case, casesFor, forwardOnly } from '../case/case.ts';
import { flat, integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = casesFor('globalNorm', ({ bounded }) => [
  bounded('one', { x: reals('x', [3, 5, 7]) }),
  bounded('several-shapes', { x: reals('x', [4, 3, 2, 2]), y: reals('y', [7]), z: reals('z', []) }),
  bounded('scalar', { x: reals('x', [], -2, -1) }),
  bounded('one-value-twice', { x: integers('x', [9]) }, (op, { x }) => op.globalNorm(x, x)),
  // The norm of gradients that are all 0 is 0. It has no derivative there.
  bounded('all-zero', { x: flat([2, 3], 0), y: flat([5], 0) }, {}, forwardOnly),
]);
