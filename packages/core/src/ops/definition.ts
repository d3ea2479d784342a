// What an op is: shapes, gradient, cost and (for composites) decomposition, together in one file per op.
// Backends are not mentioned: each has a table of its own, keyed by the op's name.
import type { GraphBuilder, Value } from '../builder.ts';
import type { ShapeError } from '../errors.ts';
import type { TensorType } from '../tensor.ts';

export type AttrValue = number | boolean | string | readonly number[];
export type Attrs = Readonly<Record<string, AttrValue>>;
export type NoAttrs = Readonly<Record<string, never>>;

/** Makes the error `<op> "<where>": <message>`. */
export type Fail = (message: string) => Error | ShapeError;

type TypesOf<V extends readonly Value[]> = { readonly [I in keyof V]: TensorType };

/** What a gradient rule sees: all values of the node, and the gradients of its outputs (zeros where none arrived). */
export interface GradientContext<A extends Attrs, I extends readonly Value[], O extends readonly Value[]> {
  readonly b: GraphBuilder;
  readonly attrs: A;
  readonly inputs: I;
  readonly outputs: O;
  readonly outputGradients: O;
  /** Which outputs a gradient reached: a rule may leave out what the others would add. */
  readonly reached: readonly boolean[];
}

interface Definition<A extends Attrs, I extends readonly Value[], O extends readonly Value[]> {
  /** The inputs' names, in order; a last `...name` stands for any number of them. */
  readonly inputs: readonly string[];
  /** Output types from input types. Throws what `fail` makes when they do not fit. */
  infer(inputs: TypesOf<I>, attrs: A, fail: Fail): readonly TensorType[];
  /** Multiply-adds of one application; absent: not counted (elementwise ops and copies). */
  cost?(inputs: TypesOf<I>, outputs: TypesOf<O>, attrs: A): number;
  /** Exists in types only: what the builder's typed methods are derived from. */
  readonly signature?: { readonly attrs: A; readonly inputs: I; readonly outputs: O };
}

/** An op that every backend implements. The primitives are closed under differentiation. */
export interface Primitive<
  A extends Attrs,
  I extends readonly Value[],
  O extends readonly Value[] = readonly [Value],
> extends Definition<A, I, O> {
  readonly kind: 'primitive';
  /** The gradient of each input, or undefined where it is zero. Absent: zero everywhere (comparisons, random numbers). */
  gradient?(context: GradientContext<A, I, O>): readonly (Value | undefined)[];
}

/** An op that a backend may implement; one that does not gets its decomposition. */
export interface Composite<
  A extends Attrs,
  I extends readonly Value[],
  O extends readonly Value[] = readonly [Value],
> extends Definition<A, I, O> {
  readonly kind: 'composite';
  /** The same function in other ops. */
  decompose(b: GraphBuilder, inputs: I, attrs: A): O;
  /** As for primitives. Absent: the decomposition is differentiated. */
  gradient?(context: GradientContext<A, I, O>): readonly (Value | undefined)[];
}
