import type { Fault } from '../fault.ts';
import { kernel, oneOff, oneResult } from '../fault.ts';
import { withinRange } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { lineThrough, sum } from '../../formulas/formula.ts';

// Without a maximum to take off: what overflows here is a quotient of 0.
export const formula: Formula<'softmax'> = ([x], { axis }) => [
  x.data.map((value, i) => 1 / sum(lineThrough(x, axis, i).map((other) => Math.exp(other - value)))),
];

export const faults: readonly Fault<'softmax'>[] = [
  oneOff(0, 'x', oneResult),
  kernel('softmax: the maximum is not taken off', withinRange),
];
