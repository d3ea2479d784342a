import { dimOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { oneOff, oneResult } from '../fault.ts';
import { maximumLost } from '../functions.ts';
import type { Formula } from '../../formulas/formula.ts';
import { lineThrough, sum } from '../../formulas/formula.ts';

export const formula: Formula<'softmaxCrossEntropy'> = ([logits, target]) => [
  Array.from({ length: dimOf(logits.shape, 0) }, (_, sample) => {
    const first = sample * dimOf(logits.shape, 1);
    const row = lineThrough(logits, 1, first);
    const largest = Math.max(...row);
    const logSum = largest + Math.log(sum(row.map((logit) => Math.exp(logit - largest))));
    return sum(lineThrough(target, 1, first).map((weight, k) => weight * (logSum - numberAt(row, k))));
  }),
];

export const faults: readonly Fault<'softmaxCrossEntropy'>[] = [
  oneOff(0, 'logits', oneResult),
  oneOff(1, 'target'),
  maximumLost,
];
