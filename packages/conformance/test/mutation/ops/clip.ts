import type { Fault } from '../fault.ts';
import { oneOff, oneResult } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'clip'> = pointwise((x, { low, high }) => Math.min(high, Math.max(low, x)));

export const faults: readonly Fault<'clip'>[] = [oneOff(0, 'x', oneResult)];
