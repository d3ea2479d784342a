import type { Tensor } from '@isonet/core';
import { float32 } from '@isonet/core';
import type { Fault, Work } from '../fault.ts';
import { valued } from '../tensors.ts';
import type { Formula } from '../../formulas/formula.ts';

export const formula: Formula<'allFinite'> = (xs) => [
  [Number(xs.every(({ data }) => data.every(Number.isFinite)))],
];

/** Where an element lies. */
interface Place {
  readonly input: number;
  readonly inputs: number;
  readonly index: number;
  readonly size: number;
}

/** Skips some elements, or takes them for finite. */
function blind(name: string, sees: (value: number, place: Place) => boolean): Fault<'allFinite'> {
  return {
    name,
    plant: ({ operands, results: [y] }) => {
      const inputs = operands.length;
      const changed = operands.map((x: Tensor, input) =>
        valued(x, (value, index) => (sees(value, { input, inputs, index, size: x.data.length }) ? value : 0)),
      );
      const isFinite = changed.every(({ data }) => data.every(Number.isFinite));
      return isFinite === (y.data[0] === 1) ? 'the other elements decide' : { operands: changed };
    },
  };
}

/** Answers by a float32 sum of other terms. */
function bySum(
  name: string,
  term: (value: number) => number,
  answer: (sum: number) => boolean,
): Fault<'allFinite'> {
  return {
    name,
    plant: ({ operands, results: [y] }) => {
      const given = answer(float32Sum(operands, term));
      return given === (y.data[0] === 1)
        ? 'that sum gives the same answer'
        : { results: [valued(y, () => Number(given))] };
    },
  };
}

function float32Sum(operands: Work<'allFinite'>['operands'], term: (value: number) => number): number {
  let sum = 0;
  for (const { data } of operands) for (const value of data) sum = Math.fround(sum + term(value));
  return sum;
}

export const faults: readonly Fault<'allFinite'>[] = [
  blind('the first element is not read', (_, { index }) => index > 0),
  blind('the last element is not read', (_, { index, size }) => index < size - 1),
  blind(
    'only the first and the last element are read',
    (_, { index, size }) => index === 0 || index === size - 1,
  ),
  blind('the first input is not read', (_, { input }) => input > 0),
  blind('the last input is not read', (_, { input, inputs }) => input < inputs - 1),
  blind(
    'only the first and the last input are read',
    (_, { input, inputs }) => input === 0 || input === inputs - 1,
  ),
  blind('NaN passes', (value) => !Number.isNaN(value)),
  blind('infinity passes', (value) => value !== Infinity),
  blind('minus infinity passes', (value) => value !== -Infinity),
  bySum(
    'a sum that is NaN passes',
    (value) => value * 2 ** -80,
    (sum) => Math.abs(sum) !== Infinity,
  ),
  bySum('the sum is not scaled', (value) => value, Number.isFinite),
  bySum('the sum of squares', (value) => value * value, Number.isFinite),
];
