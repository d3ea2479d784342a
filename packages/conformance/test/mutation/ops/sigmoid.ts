import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'sigmoid'> = pointwise((x) => 1 / (1 + Math.exp(-x)));

export const faults: readonly Fault<'sigmoid'>[] = [oneOff(0, 'x')];
