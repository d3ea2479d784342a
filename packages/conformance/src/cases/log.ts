// log, within the units in the last place that tolerance.ts allows.
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { reals } from '../case/data.ts';

export const cases: readonly Case[] = [
  bounded('log/around-1', { x: reals('x', [3, 5, 7], 0.25, 4) }, (op, { x }) => op.log(x)),
  bounded('log/large', { x: reals('x', [33], 1e3, 1e9) }, (op, { x }) => op.log(x)),
  bounded('log/scalar', { x: reals('x', [], 2, 3) }, (op, { x }) => op.log(x)),
];
