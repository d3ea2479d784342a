import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'hardSigmoid'> = pointwise((x, { alpha, beta }) =>
  Math.min(1, Math.max(0, alpha * x + beta)),
);

export const faults: readonly Fault<'hardSigmoid'>[] = [oneOff(0, 'x')];
