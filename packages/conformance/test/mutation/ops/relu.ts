import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'relu'> = pointwise((x) => Math.max(x, 0));

export const faults: readonly Fault<'relu'>[] = [oneOff(0, 'x')];
