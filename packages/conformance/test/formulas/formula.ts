// Formulas of composites in plain JavaScript numbers, to compare their decompositions with. The reference decomposes
// composites too, so no comparison with it would show that a decomposition is another function.
import type { AttrsOf, CompositeOp, Each, InputsOf, OutputsOf, Shape, Value } from '@isonet/core';
import { defined, dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../src/check/compare.ts';

/** A tensor as a list of numbers in row-major order. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** The numbers of each output, from the inputs and the attributes: `([x], { alpha }) => [x.data.map(...)]`. */
export type Formula<K extends CompositeOp> = (
  inputs: Each<InputsOf<K>, Numbers>,
  attrs: AttrsOf<K>,
) => Each<OutputsOf<K>, readonly number[]>;

/** A table of formulas by their op. */
export type Formulas<K extends CompositeOp> = { readonly [P in K]: Formula<P> };

/** The arguments and the result of the builder's method, with a number for each tensor. */
type OfNumbers<K extends CompositeOp> = (
  ...args: [...inputs: Each<InputsOf<K>, number>, attrs: AttrsOf<K>]
) => OutputsOf<K> extends readonly [Value] ? number : Each<OutputsOf<K>, number>;

/**
 * Applies a function to each number: `pointwise((x, { alpha }) => (x > 0 ? x : alpha * x))`. Several outputs are a list. The
 * first operand has the shape of the outputs; an operand `[]` goes with every number, one of shape `[C]` with its channel.
 */
export function pointwise<K extends CompositeOp>(f: OfNumbers<K>): Formula<K> {
  // The tuple types of an op that is not known yet cannot be expressed.
  const of = f as (...args: readonly unknown[]) => number | readonly number[];
  const formula = (inputs: readonly Numbers[], attrs: AttrsOf<K>): readonly (readonly number[])[] => {
    const first = defined(inputs[0], 'the operand of a pointwise op');
    const results = first.data.map((_, i) => {
      const result = of(...inputs.map((x) => numberAt(x.data, placeIn(x.shape, first.shape, i))), attrs);
      return typeof result === 'number' ? [result] : result;
    });
    const outputs = defined(results[0], 'the first number of a pointwise op');
    return outputs.map((_, output) => results.map((result) => numberAt(result, output)));
  };
  return formula as Formula<K>;
}

/** The index in an operand of this shape of the number that goes with number `i` of the whole shape. */
function placeIn(shape: Shape, whole: Shape, i: number): number {
  if (shape.length === whole.length) return i;
  return shape.length === 0 ? 0 : indexAlong(whole, 1, i);
}

/** The index along an axis of number `i`. */
export function indexAlong(shape: Shape, axis: number, i: number): number {
  return Math.floor(i / sizeOf(shape.slice(axis + 1))) % dimOf(shape, axis);
}

/** The numbers in line with number `i` along an axis, that number included, in order. */
export function lineThrough({ shape, data }: Numbers, axis: number, i: number): readonly number[] {
  const step = sizeOf(shape.slice(axis + 1));
  const first = i - indexAlong(shape, axis, i) * step;
  return Array.from({ length: dimOf(shape, axis) }, (_, index) => numberAt(data, first + index * step));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function average(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

/** (value - mean) / sqrt(variance + epsilon), with the statistics of the numbers. */
export function standardScore(value: number, numbers: readonly number[], epsilon: number): number {
  const mean = average(numbers);
  const variance = average(numbers.map((number) => (number - mean) ** 2));
  return (value - mean) / Math.sqrt(variance + epsilon);
}
