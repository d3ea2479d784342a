// The definition of an op: shapes, gradient, cost and (for composites) decomposition, in one file per op. Backends are not
// involved: each has its own kernel table, keyed by op name.
import type { Value } from '../graph/value.ts';
import type { Shape, TensorType } from '../tensor.ts';
import type { Each } from '../tuple.ts';
import type { Coupling } from './coupling.ts';
import type { Attrs, AttrsOf, Emitters, InputsOf, OpName, OutputsOf, PrimitiveOp } from './signatures.ts';

/** The builder interface for gradients and decompositions; GraphBuilder implements it. */
export interface Build {
  readonly op: Emitters;
  /** Adds a float32 constant of shape `[]`. */
  scalar(number: number): Value;
  /** Returns a float32 value of this shape, filled with `number`. */
  fill(number: number, shape: Shape): Value;
}

/** Creates an error that reads `<op> "<where>": <message>`. */
export type Fail = (message: string) => Error;

/** The context of a gradient rule: all values of the node, and the gradients of its outputs (zeros if none arrived). */
export interface GradientContext<A, I extends readonly Value[], O extends readonly Value[]> {
  readonly b: Build;
  readonly attrs: A;
  readonly inputs: I;
  readonly outputs: O;
  readonly outputGradients: O;
  /** True for each output that a gradient reached: a rule may skip the terms of the others. */
  readonly reached: Each<O, boolean>;
}

interface Common<A, I extends readonly Value[], O extends readonly Value[]> {
  /** The names of the inputs, in order; a final `...name` stands for one or more inputs. */
  readonly inputs: readonly string[];
  /** Infers the output types from the input types. Throws the error of `fail` if they do not fit. */
  infer(inputs: Each<I, TensorType>, attrs: A, fail: Fail): Each<O, TensorType>;
  /**
   * Returns the multiply-adds of one application. If absent, the op is not counted (elementwise ops and
   * copies).
   */
  cost?(inputs: Each<I, TensorType>, outputs: Each<O, TensorType>, attrs: A): number;
  /**
   * Returns the gradient of each input, or undefined for zero. If absent, a primitive has zero gradients (comparisons, random
   * numbers), and a composite is differentiated through its decomposition.
   */
  gradient?(context: GradientContext<A, I, O>): readonly (Value | undefined)[];
}

interface PrimitiveDefinition<A, I extends readonly Value[], O extends readonly Value[]> extends Common<
  A,
  I,
  O
> {
  readonly kind: 'primitive';
  /**
   * Derives the coupling of the outputs from that of the inputs.
   * @param images the number of images in the batch
   */
  batch(inputs: Each<I, Coupling>, attrs: A, types: Each<I, TensorType>, images: number): Each<O, Coupling>;
  /**
   * Returns true if the outputs are sums over the images: the results for parts of the batch add up to the
   * result for the whole batch. Each operand is split along its batch axis; operands without a batch are used
   * in full. If absent, the outputs are never such sums.
   */
  addsUp?(inputs: Each<I, Coupling>, attrs: A): boolean;
}

interface CompositeDefinition<A, I extends readonly Value[], O extends readonly Value[]> extends Common<
  A,
  I,
  O
> {
  readonly kind: 'composite';
  /** Builds the same function from other ops. */
  decompose(b: Build, inputs: I, attrs: A): O;
}

type ListNames<A> = { [N in keyof A]: readonly number[] extends A[N] ? N : never }[keyof A];

/** The extra field of ops with list attributes. */
type Lists<A> = [ListNames<A>] extends [never]
  ? unknown
  : {
      /** The attribute that holds the output shape, if any: it changes with the batch size. */
      readonly resultShape: ListNames<A> | undefined;
    };

/** The definition of the op `K`, according to its signature. */
export type Definition<K extends OpName> = Lists<AttrsOf<K>> &
  (K extends PrimitiveOp
    ? PrimitiveDefinition<AttrsOf<K>, InputsOf<K>, OutputsOf<K>>
    : CompositeDefinition<AttrsOf<K>, InputsOf<K>, OutputsOf<K>>);

/** An op's definition without its specific types, as passes use it. */
export type AnyDefinition = { readonly resultShape?: string | undefined } & (
  | PrimitiveDefinition<Attrs, readonly Value[], readonly Value[]>
  | CompositeDefinition<Attrs, readonly Value[], readonly Value[]>
);
