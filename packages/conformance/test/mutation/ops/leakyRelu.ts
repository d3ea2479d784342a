import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'leakyRelu'> = pointwise((x, { alpha }) => (x > 0 ? x : alpha * x));

export const faults: readonly Fault<'leakyRelu'>[] = [oneOff(0, 'x')];
