import type { Fault } from '../fault.ts';
import { kernel, oneOff } from '../fault.ts';
import { withinRange } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

export const formula: Formula<'silu'> = pointwise((x) => x / (1 + Math.exp(-x)));

export const faults: readonly Fault<'silu'>[] = [
  oneOff(0, 'x'),
  kernel('silu: the gate without x'),
  kernel('silu: a quotient of exponentials', withinRange),
];
