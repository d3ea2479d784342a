// Mutants of comparisons, choices and conversions.
import type { OpName } from '@isonet/core';
import { dimOf } from '@isonet/core';
import { elementAt } from '../../../src/check/compare.ts';
import type { Mutant, Mutants } from '../mutant.ts';
import { mutant, oneOff, oneResult, swapped } from '../mutant.ts';
import { rising, rolled, sameData, valued } from '../tensors.ts';

const nearlyEqual: Mutant<'equal'> = mutant('equal within 1e-6', ({ operands: [x, y], right }) => {
  const isClose = (value: number, i: number): boolean =>
    !(Math.abs(value - elementAt(y.data, i)) > 1e-6 * Math.abs(value));
  const [equal] = right();
  const wrong = valued(equal, (_, i) => Number(isClose(elementAt(x.data, i), i)));
  return sameData(wrong, equal) ? 'values that differ are further apart' : [wrong];
});

/** 0 times NaN is NaN, and so is 0 times infinity. */
const byMultiplication: Mutant<'select'> = mutant('by multiplication', ({ operands: [condition, x, y] }) => {
  const chosen = (i: number): number => elementAt(condition.data, i);
  const product = valued(x, (value, i) => chosen(i) * value + (1 - chosen(i)) * elementAt(y.data, i));
  const isFinite = product.data.every((_, i) =>
    Number.isFinite(elementAt(chosen(i) === 1 ? y.data : x.data, i)),
  );
  return isFinite ? 'every value that is not chosen is finite' : [product];
});

const toTheNearest: Mutant<'cast'> = mutant('rounded to the nearest', ({ node, operands: [x], right }) => {
  if (node.attrs.to !== 'int32' || x.dtype !== 'float64') return 'nothing is truncated';
  if (x.data.every(Number.isInteger)) return 'all values are integers';
  return right({ operands: [valued(x, (value) => value + (value > 0 ? 0.5 : -0.5))] });
});

/** Raises each value slightly above those before it, so that the last of several equal values is the maximum. */
const lastOfTie: Mutant<'argMax'> = mutant('the last of a tie', ({ node, operands: [x], right }) => {
  const { axis } = node.attrs;
  const shifts = Array.from({ length: dimOf(x.shape, axis) - 1 }, (_, i) => rolled(x, axis, i + 1));
  const isMaximum = (value: number, i: number): boolean =>
    shifts.every(({ data }) => value >= elementAt(data, i));
  const isTied = (value: number, i: number): boolean =>
    isMaximum(value, i) && shifts.some(({ data }) => data[i] === value);
  if (!x.data.some(isTied)) return 'no maximum occurs twice';
  return right({ operands: [rising(x)] });
});

export const choices = {
  argMax: [oneOff(0, 'x', oneResult), lastOfTie],
  cast: [oneOff(0, 'x', oneResult), toTheNearest],
  equal: [oneOff(1, 'y'), nearlyEqual],
  greater: [oneOff(1, 'y'), swapped(0, 1)],
  isFinite: [oneOff(0, 'x')],
  select: [
    swapped(1, 2),
    oneOff(0, 'condition', ({ operands: [, x, y] }) => (sameData(x, y) ? 'x is y' : undefined)),
    byMultiplication,
  ],
} satisfies Partial<Mutants<OpName>>;
