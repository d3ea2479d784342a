// softmaxCrossEntropy, with targets that are no one-hot rows and logits whose exp overflows.
import { float32 } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { bounded } from '../case/case.ts';
import { flat, reals } from '../case/data.ts';

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
