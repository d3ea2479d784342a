import type { Fault } from '../fault.ts';
import { oneOff } from '../fault.ts';
import type { Formula } from '../../formulas/formula.ts';
import { indexAlong, lineThrough, sum } from '../../formulas/formula.ts';

// Krizhevsky et al. 2012, section 3.3, with ONNX's window.
export const formula: Formula<'lrn'> = ([x], { size, alpha, beta, bias }) => {
  const [down, up] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  return [
    x.data.map((value, i) => {
      const channel = indexAlong(x.shape, 1, i);
      const window = lineThrough(x, 1, i).slice(Math.max(0, channel - down), channel + up + 1);
      return value / (bias + (alpha / size) * sum(window.map((other) => other ** 2))) ** beta;
    }),
  ];
};

export const faults: readonly Fault<'lrn'>[] = [oneOff(0, 'x')];
