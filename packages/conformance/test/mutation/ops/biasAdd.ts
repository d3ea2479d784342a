import type { Fault } from '../fault.ts';
import { forgotten, oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'biasAdd'> = pointwise((x, bias) => x + bias);

export const faults: readonly Fault<'biasAdd'>[] = [oneOff(0, 'x'), oneOff(1, 'bias'), forgotten(1, 'bias')];
