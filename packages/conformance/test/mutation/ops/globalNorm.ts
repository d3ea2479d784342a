import type { Tensor } from '@isonet/core';
import type { Fault } from '../fault.ts';
import { withOperand } from '../fault.ts';
import { isZero, valued } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';

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
