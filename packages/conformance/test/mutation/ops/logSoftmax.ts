import type { Fault } from '../fault.ts';
import { oneOff, oneResult } from '../fault.ts';
import { maximumLost } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { lineThrough, sum } from '../../formulas/formula.ts';

export const formula: Formula<'logSoftmax'> = ([x], { axis }) => [
  x.data.map((value, i) => {
    const line = lineThrough(x, axis, i);
    const largest = Math.max(...line);
    return value - largest - Math.log(sum(line.map((other) => Math.exp(other - largest))));
  }),
];

export const faults: readonly Fault<'logSoftmax'>[] = [oneOff(0, 'x', oneResult), maximumLost];
