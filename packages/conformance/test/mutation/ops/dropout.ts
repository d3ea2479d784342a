import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'dropout'> = pointwise((x, u, { rate }) => (u < rate ? 0 : x / (1 - rate)));

export const faults: readonly Fault<'dropout'>[] = [
  oneOff(0, 'x'),
  oneOff(1, 'uniform', ({ node }) => (node.attrs.rate === 0 ? 'nothing is dropped' : undefined)),
];
