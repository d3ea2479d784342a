// Formulas of log-softmax and the losses.
import type { CompositeOp } from '@isonet/core';
import { dimOf } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';
import type { Formulas } from './formula.ts';
import { lineThrough, pointwise, sum } from './formula.ts';

export const losses = {
  logSoftmax: ([x], { axis }) => [
    x.data.map((value, i) => {
      const line = lineThrough(x, axis, i);
      const largest = Math.max(...line);
      return value - largest - Math.log(sum(line.map((other) => Math.exp(other - largest))));
    }),
  ],
  sigmoidCrossEntropy: pointwise(
    (x, target) => Math.max(x, 0) - x * target + Math.log1p(Math.exp(-Math.abs(x))),
  ),
  softmaxCrossEntropy: ([logits, target]) => [
    Array.from({ length: dimOf(logits.shape, 0) }, (_, sample) => {
      const first = sample * dimOf(logits.shape, 1);
      const row = lineThrough(logits, 1, first);
      const largest = Math.max(...row);
      const logSum = largest + Math.log(sum(row.map((logit) => Math.exp(logit - largest))));
      return sum(lineThrough(target, 1, first).map((weight, k) => weight * (logSum - elementAt(row, k))));
    }),
  ],
} satisfies Partial<Formulas<CompositeOp>>;
