import type { Fault } from '../fault.ts';
import { forgotten, oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'batchNormInference'> = pointwise(
  (x, scale, bias, mean, variance, { epsilon }) =>
    (scale * (x - mean)) / Math.sqrt(variance + epsilon) + bias,
);

export const faults: readonly Fault<'batchNormInference'>[] = [
  oneOff(0, 'x'),
  oneOff(1, 'scale'),
  forgotten(2, 'bias'),
  oneOff(3, 'mean'),
  oneOff(4, 'variance'),
];
