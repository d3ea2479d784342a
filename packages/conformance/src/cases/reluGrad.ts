// reluGrad from relu's result and from what went into relu, at exactly 0, and its own gradient.
import { float32 } from '@isonet/core';
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers, reals } from '../data.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { oneOff } from '../faults/planted/fault.ts';
import type { Formula } from '../formula.ts';
import { pointwise } from '../formula.ts';

/** A gradient flows where y is 0. */
const throughZero: Fault<'reluGrad'> = {
  name: 'a gradient at 0',
  plant: ({ operands: [y, dy] }) => {
    if (!y.data.some((value, i) => value === 0 && dy.data[i] !== 0)) return 'no gradient arrives at a 0';
    return {
      emit: (b, [from, gradient]) => {
        const zeros = b.fill(0, from.shape);
        return [b.op.select(b.op.greater(zeros, from), zeros, gradient)];
      },
    };
  },
};

export const cases: readonly Case[] = [
  exact('reluGrad/reals', { y: reals('y', [3, 5, 7]), dy: reals('dy', [3, 5, 7]) }, (op, { y, dy }) =>
    op.reluGrad(y, dy),
  ),
  exact(
    'reluGrad/zeros',
    { y: integers('y', [2, 3, 4, 5], -1, 1), dy: reals('dy', [2, 3, 4, 5]) },
    (op, { y, dy }) => op.reluGrad(y, dy),
    { kinked: true },
  ),
  exact(
    'reluGrad/of-relu',
    { x: reals('x', [2, 24, 3, 3]), dy: reals('dy', [2, 24, 3, 3]) },
    (op, { x, dy }) => op.reluGrad(op.relu(x), dy),
    { kinked: true },
  ),
  exact(
    'reluGrad/scalars',
    { x: float32([], [-2]), y: float32([], [3]), dy: float32([], [0.7]) },
    (op, { x, y, dy }) => [op.reluGrad(x, dy), op.reluGrad(y, dy)],
  ),
];

export const formula: Formula<'reluGrad'> = pointwise((y, dy) => (y > 0 ? dy : 0));

export const faults: readonly Fault<'reluGrad'>[] = [oneOff(0, 'y'), oneOff(1, 'dy'), throughZero];
