import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import { undecayed } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'sgdUpdate'> = pointwise(
  (weight, gradient, lr, { weightDecay }) => weight - lr * (gradient + weightDecay * weight),
);

export const faults: readonly Fault<'sgdUpdate'>[] = [oneOff(0, 'weight'), oneOff(1, 'gradient'), undecayed];
