import { dimOf } from '@isonet/core';
import { numberAt } from '../../../src/check/compare.ts';
import type { Fault } from '../fault.ts';
import { forgotten, inFormat, oneOff, withOperand } from '../fault.ts';
import { withoutLast } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';
import { lineThrough, sum } from '../../formulas/formula.ts';

export const formula: Formula<'dense'> = ([x, w, bias]) => {
  const [inputs, units] = [dimOf(x.shape, 1), dimOf(w.shape, 0)];
  return [
    Array.from({ length: dimOf(x.shape, 0) * units }, (_, i) => {
      const row = lineThrough(x, 1, Math.floor(i / units) * inputs);
      const weights = lineThrough(w, 1, (i % units) * inputs);
      return sum(row.map((value, k) => value * numberAt(weights, k))) + numberAt(bias.data, i % units);
    }),
  ];
};

const leftOut: Fault<'dense'> = {
  name: 'a dropped term',
  plant: ({ operands }) => ({ operands: withOperand(operands, 0, (x) => withoutLast(x, 1)) }),
};

export const faults: readonly Fault<'dense'>[] = [
  leftOut,
  oneOff(1, 'w'),
  forgotten(2, 'bias'),
  inFormat('TF32'),
  inFormat('bf16'),
];
