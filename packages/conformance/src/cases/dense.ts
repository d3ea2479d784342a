// dense, and its three gradients.
import { dimOf } from '@isonet/core';
import type { Case } from '../case.ts';
import { bounded, exact } from '../case.ts';
import { numberAt } from '../compare.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { forgotten, inFormat, oneOff, withOperand } from '../faults/planted/fault.ts';
import { withoutLast } from '../faults/planted/tensors.ts';
import type { Formula } from '../formula.ts';
import { lineThrough, sum } from '../formula.ts';

export const cases: readonly Case[] = [
  exact(
    'dense/odd-size',
    { x: integers('x', [3, 7]), w: integers('w', [5, 7]), bias: integers('bias', [5]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
  exact(
    'dense/one-row',
    { x: integers('x', [1, 65]), w: integers('w', [10, 65]), bias: integers('bias', [10]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
  exact(
    'dense/one-unit',
    { x: integers('x', [4, 3]), w: integers('w', [1, 3]), bias: integers('bias', [1]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
  exact(
    'dense/two-layers',
    {
      x: integers('x', [3, 5], -2, 2),
      w1: integers('w1', [4, 5], -2, 2),
      b1: integers('b1', [4]),
      w2: integers('w2', [2, 4], -2, 2),
      b2: integers('b2', [2]),
    },
    (op, { x, w1, b1, w2, b2 }) => op.dense(op.relu(op.dense(x, w1, b1)), w2, b2),
    { kinked: true },
  ),
  bounded(
    'dense/reals',
    { x: reals('x', [6, 20]), w: reals('w', [8, 20]), bias: reals('bias', [8]) },
    (op, { x, w, bias }) => op.dense(x, w, bias),
  ),
];

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
