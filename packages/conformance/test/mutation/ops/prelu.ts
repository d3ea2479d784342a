import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'prelu'> = pointwise((x, slope) => (x > 0 ? x : slope * x));

export const faults: readonly Fault<'prelu'>[] = [oneOff(0, 'x'), oneOff(1, 'slope')];
