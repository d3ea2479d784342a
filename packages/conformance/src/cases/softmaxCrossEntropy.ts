// softmaxCrossEntropy, with targets that are no one-hot rows and logits whose exp overflows.
import { dimOf, float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded } from '../case.ts';
import { numberAt } from '../compare.ts';
import { flat, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { oneOff, oneResult } from '../faults/planted/fault.ts';
import { maximumLost } from '../faults/planted/functions.ts';
import type { Formula } from '../formula.ts';
import { lineThrough, sum } from '../formula.ts';

const oneHotRows = float32([3, 4], [0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
const smoothed = float32(
  [3, 4],
  oneHotRows.data.map((value) => value * 0.875 + 0.03125),
);

export const cases: readonly Case[] = [
  bounded(
    'softmaxCrossEntropy/one-hot',
    { logits: reals('logits', [3, 4], -3, 3), target: oneHotRows },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
  bounded(
    'softmaxCrossEntropy/smoothed',
    { logits: reals('logits', [3, 4], -3, 3), target: smoothed },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
  bounded(
    'softmaxCrossEntropy/targets-that-do-not-sum-to-1',
    { logits: reals('logits', [3, 4], -3, 3), target: reals('target', [3, 4], 0, 1) },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
  bounded(
    'softmaxCrossEntropy/ten-classes',
    { logits: reals('logits', [7, 10], -1, 1), target: reals('target', [7, 10], 0, 1) },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
  bounded(
    'softmaxCrossEntropy/one-class',
    { logits: reals('logits', [3, 1]), target: flat([3, 1], 1) },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
  // exp of these overflows unless the row's maximum is taken off first.
  bounded(
    'softmaxCrossEntropy/large-logits',
    { logits: reals('logits', [3, 4], 500, 503), target: oneHotRows },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
  bounded(
    'softmaxCrossEntropy/equal-logits',
    { logits: flat([2, 10], 0), target: flat([2, 10], 0.125) },
    (op, values) => op.softmaxCrossEntropy(values.logits, values.target),
  ),
];

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
