import type { AttrsOf, CompositeOp, Each, InputsOf, OutputsOf, Shape, Value } from '@isonet/core';
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
export declare function pointwise<K extends CompositeOp>(f: OfNumbers<K>): Formula<K>;
/** The index along an axis of the number that lies at `i`. */
export declare function indexAlong(shape: Shape, axis: number, i: number): number;
/** The numbers that differ from the one at `i` in their index along an axis alone, in order; that one is among them. */
export declare function lineThrough({ shape, data }: Numbers, axis: number, i: number): readonly number[];
export declare function sum(numbers: readonly number[]): number;
export declare function average(numbers: readonly number[]): number;
/** How many standard deviations a number lies above the mean of some: (value - mean) / sqrt(variance + epsilon). */
export declare function standardScore(value: number, numbers: readonly number[], epsilon: number): number;
export {};
//# sourceMappingURL=formula.d.ts.map
