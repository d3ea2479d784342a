// Formulas of composites in plain JavaScript numbers, to compare their decompositions with. The reference decomposes
// composites too, so a comparison with it cannot reveal a decomposition that computes a different function.
import type { AttrsOf, CompositeOp, Each, InputsOf, OutputsOf, Shape, Value } from '@isonet/core';
import { defined, dimOf, sizeOf } from '@isonet/core';
import { elementAt } from '../../src/check/compare.ts';

/** A tensor as a list of numbers in row-major order. */
export interface Operand {
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** The values of each output, from the inputs and the attributes: `([x], { alpha }) => [x.data.map(...)]`. */
export type Formula<K extends CompositeOp> = (
  inputs: Each<InputsOf<K>, Operand>,
  attrs: AttrsOf<K>,
) => Each<OutputsOf<K>, readonly number[]>;

/** A table of formulas by their op. */
export type Formulas<K extends CompositeOp> = { readonly [P in K]: Formula<P> };

/** The arguments and the result of the builder's method, with a number in place of each tensor. */
type OnNumbers<K extends CompositeOp> = (
  ...args: [...inputs: Each<InputsOf<K>, number>, attrs: AttrsOf<K>]
) => OutputsOf<K> extends readonly [Value] ? number : Each<OutputsOf<K>, number>;

/**
 * Applies a function to each element: `pointwise((x, { alpha }) => (x > 0 ? x : alpha * x))`. For several outputs,
 * `f` returns a list. The first operand has the shape of the outputs; an operand of shape `[]` applies to every
 * element, one of shape `[C]` to its channel.
 */
export function pointwise<K extends CompositeOp>(f: OnNumbers<K>): Formula<K> {
  // TypeScript cannot express the tuple types of a generic op.
  const of = f as (...args: readonly unknown[]) => number | readonly number[];
  const formula = (inputs: readonly Operand[], attrs: AttrsOf<K>): readonly (readonly number[])[] => {
    const first = defined(inputs[0], 'the operand of a pointwise op');
    const results = first.data.map((_, i) => {
      const result = of(...inputs.map((x) => elementAt(x.data, indexIn(x.shape, first.shape, i))), attrs);
      return typeof result === 'number' ? [result] : result;
    });
    const outputs = defined(results[0], 'the first value of a pointwise op');
    return outputs.map((_, output) => results.map((result) => elementAt(result, output)));
  };
  return formula as Formula<K>;
}

/** Returns the index, in an operand of this shape, of the value that belongs to element `i` of the whole shape. */
function indexIn(shape: Shape, whole: Shape, i: number): number {
  if (shape.length === whole.length) return i;
  return shape.length === 0 ? 0 : indexAlong(whole, 1, i);
}

/** Returns the index of element `i` along an axis. */
export function indexAlong(shape: Shape, axis: number, i: number): number {
  return Math.floor(i / sizeOf(shape.slice(axis + 1))) % dimOf(shape, axis);
}

/** Returns the values on the line through element `i` along an axis, in order. */
export function lineThrough({ shape, data }: Operand, axis: number, i: number): readonly number[] {
  const step = sizeOf(shape.slice(axis + 1));
  const first = i - indexAlong(shape, axis, i) * step;
  return Array.from({ length: dimOf(shape, axis) }, (_, index) => elementAt(data, first + index * step));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function average(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** (value - mean) / sqrt(variance + epsilon), with the mean and the variance of a sample. */
export function standardScore(value: number, sample: readonly number[], epsilon: number): number {
  const mean = average(sample);
  const variance = average(sample.map((each) => (each - mean) ** 2));
  return (value - mean) / Math.sqrt(variance + epsilon);
}
