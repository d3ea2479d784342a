import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { pointwise } from '../../formulas/formula.ts';

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

export const formula: Formula<'reluGrad'> = pointwise((y, dy) => (y > 0 ? dy : 0));

export const faults: readonly Fault<'reluGrad'>[] = [oneOff(0, 'y'), oneOff(1, 'dy'), throughZero];
