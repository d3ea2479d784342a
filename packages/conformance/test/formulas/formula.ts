// The formula of a composite in plain JavaScript numbers: what its decomposition is held to. The reference decomposes, too, so
// no comparison with it would show that a decomposition is another function.
import type { AttrsOf, CompositeOp, Each, InputsOf, OutputsOf, Shape, Value } from '@isonet/core';
import { defined, dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../src/check/compare.ts';

/** A tensor as JavaScript has it, in row-major order. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** The numbers of each output, from the inputs and the attributes: `([x], { alpha }) => [x.data.map(...)]`. */
export type Formula<K extends CompositeOp> = (
  inputs: Each<InputsOf<K>, Numbers>,
  attrs: AttrsOf<K>,
) => Each<OutputsOf<K>, readonly number[]>;

/** The arguments and the result of the builder's method, a number for each tensor. */
type OfNumbers<K extends CompositeOp> = (
  ...args: [...inputs: Each<InputsOf<K>, number>, attrs: AttrsOf<K>]
) => OutputsOf<K> extends readonly [Value] ? number : Each<OutputsOf<K>, number>;

/**
 * Number by number: `pointwise((x, { alpha }) => (x > 0 ? x : alpha * x))`. Several outputs are a list. The first operand has
 * the shape of the outputs; one of shape `[]` goes with every number of it, one of shape `[C]` with those of its channel.
 */
export function pointwise<K extends CompositeOp>(f: OfNumbers<K>): Formula<K> {
  // TypeScript cannot follow tuples of an op that is not known yet.
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

/** Where an operand of this shape has what goes with number `i` of the whole shape. */
function placeIn(shape: Shape, whole: Shape, i: number): number {
  if (shape.length === whole.length) return i;
  return shape.length === 0 ? 0 : indexAlong(whole, 1, i);
}

/** The index along an axis of the number that lies at `i`. */
export function indexAlong(shape: Shape, axis: number, i: number): number {
  return Math.floor(i / sizeOf(shape.slice(axis + 1))) % dimOf(shape, axis);
}

/** The numbers that differ from the one at `i` in their index along an axis alone, in order; that one is among them. */
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

/** How many standard deviations a number lies above the mean of some: (value - mean) / sqrt(variance + epsilon). */
export function standardScore(value: number, numbers: readonly number[], epsilon: number): number {
  const mean = average(numbers);
  const variance = average(numbers.map((number) => (number - mean) ** 2));
  return (value - mean) / Math.sqrt(variance + epsilon);
}
