// globalNorm of one tensor and of several, scalars among them.
import type { Tensor } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { flat, integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { withOperand } from '../faults/planted/fault.ts';
import { isZero, valued } from '../faults/planted/tensors.ts';
import type { Formula } from '../formula.ts';

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

export const formula: Formula<'globalNorm'> = (xs) => [[Math.hypot(...xs.flatMap(({ data }) => data))]];

/** The last number of the last tensor is not counted. */
const leftOut: Fault<'globalNorm'> = {
  name: 'a dropped term',
  plant: ({ operands }) => {
    const drop = (x: Tensor): Tensor => valued(x, (value, i) => (i === x.data.length - 1 ? 0 : value));
    return { operands: withOperand(operands, operands.length - 1, drop) };
  },
  unseen: ({ results: [y] }) => (isZero(y) ? 'every term is 0' : undefined),
};

/** As `sqrt: by its inverse`: NaN where the sum is 0. */
const inverseRoot: Fault<'globalNorm'> = {
  name: 'the root by its inverse',
  plant: ({ results: [y] }) => (isZero(y) ? { results: [valued(y, () => NaN)] } : 'the norm is not 0'),
};

export const faults: readonly Fault<'globalNorm'>[] = [leftOut, inverseRoot];
