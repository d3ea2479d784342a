// exp, within the units in the last place that tolerance.ts allows.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('exp/around-0', { x: reals('x', [3, 5, 7], -4, 4) }, (op, { x }) => op.exp(x)),
  bounded('exp/large-and-small', { x: reals('x', [33], -60, 60) }, (op, { x }) => op.exp(x)),
  bounded('exp/scalar', { x: reals('x', []) }, (op, { x }) => op.exp(x)),
];
