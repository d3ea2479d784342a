// globalNorm of one tensor and of several, scalars among them.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { flat, integers, reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('globalNorm/one', { x: reals('x', [3, 5, 7]) }, (op, { x }) => op.globalNorm(x)),
  bounded(
    'globalNorm/several-shapes',
    { x: reals('x', [4, 3, 2, 2]), y: reals('y', [7]), z: reals('z', []) },
    (op, { x, y, z }) => op.globalNorm(x, y, z),
  ),
  bounded('globalNorm/scalar', { x: reals('x', [], -2, -1) }, (op, { x }) => op.globalNorm(x)),
  bounded('globalNorm/one-value-twice', { x: integers('x', [9]) }, (op, { x }) => op.globalNorm(x, x)),
  // Of gradients that are all 0: the norm is 0, its own gradient is not asked for.
  bounded(
    'globalNorm/all-zero',
    { x: flat([2, 3], 0), y: flat([5], 0) },
    (op, { x, y }) => op.globalNorm(x, y),
    { differentiable: false },
  ),
];
