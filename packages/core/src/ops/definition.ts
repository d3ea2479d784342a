// The definition of an op: shapes, gradient, cost and (for composites) decomposition, together in one file per op.
// Backends are not mentioned: each has a table of its own, keyed by the op's name.
import type { Value } from '../graph/value.ts';
import type { Shape, TensorType } from '../tensor.ts';
import type { Each } from '../tuple.ts';
import type { Coupling } from './coupling.ts';
import type { Attrs, AttrsOf, Emitters, InputsOf, OpName, OutputsOf, PrimitiveOp } from './signatures.ts';

/** What gradients and decompositions are written with; the graph's builder implements it. */
export interface Build {
  readonly op: Emitters;
  /** A float32 constant `[]`. */
  scalar(number: number): Value;
  /** A float32 value of this shape, `number` everywhere. */
  fill(number: number, shape: Shape): Value;
}

/** Makes the error `<op> "<where>": <message>`. */
export type Fail = (message: string) => Error;

/** What a gradient rule sees: all values of the node, and the gradients of its outputs (zeros where none arrived). */
export interface GradientContext<A, I extends readonly Value[], O extends readonly Value[]> {
  readonly b: Build;
  readonly attrs: A;
  readonly inputs: I;
  readonly outputs: O;
  readonly outputGradients: O;
  /** Which outputs a gradient reached: a rule may leave out what the others would add. */
  readonly reached: Each<O, boolean>;
}

interface Common<A, I extends readonly Value[], O extends readonly Value[]> {
  /** The inputs' names, in order; a last `...name` stands for one or more of them. */
  readonly inputs: readonly string[];
  /** Output types from input types. Throws what `fail` makes when they do not fit. */
  infer(inputs: Each<I, TensorType>, attrs: A, fail: Fail): Each<O, TensorType>;
  /** Multiply-adds of one application; absent: not counted (elementwise ops and copies). */
  cost?(inputs: Each<I, TensorType>, outputs: Each<O, TensorType>, attrs: A): number;
  /**
   * The gradient of each input, undefined where it is zero. Absent: zero everywhere for a primitive (comparisons, random
   * numbers); for a composite, the decomposition is differentiated.
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
   * How the images of a batch are coupled in the outputs, by how they are in the inputs.
   * @param images how many there are
   */
  batch(inputs: Each<I, Coupling>, attrs: A, types: Each<I, TensorType>, images: number): Each<O, Coupling>;
  /**
   * Whether the outputs are sums over the images: what the op gives for parts of the batch adds up to what it gives for the whole,
   * where each operand is cut along its axis, and one without images is taken whole. Absent: never.
   */
  addsUp?(inputs: Each<I, Coupling>, attrs: A): boolean;
}

interface CompositeDefinition<A, I extends readonly Value[], O extends readonly Value[]> extends Common<
  A,
  I,
  O
> {
  readonly kind: 'composite';
  /** The same function in other ops. */
  decompose(b: Build, inputs: I, attrs: A): O;
}

type ListNames<A> = { [N in keyof A]: readonly number[] extends A[N] ? N : never }[keyof A];

/** The extra field of ops with list attributes. */
type Lists<A> = [ListNames<A>] extends [never]
  ? unknown
  : {
      /** The list that is the shape of the output, if one is: where that follows the batch, so does this attribute. */
      readonly resultShape: ListNames<A> | undefined;
    };

/** The definition of the op `K`, as its signature says. */
export type Definition<K extends OpName> = Lists<AttrsOf<K>> &
  (K extends PrimitiveOp
    ? PrimitiveDefinition<AttrsOf<K>, InputsOf<K>, OutputsOf<K>>
    : CompositeDefinition<AttrsOf<K>, InputsOf<K>, OutputsOf<K>>);

/** An op's definition with its particular types forgotten: what passes work with. */
export type AnyDefinition = { readonly resultShape?: string | undefined } & (
  | PrimitiveDefinition<Attrs, readonly Value[], readonly Value[]>
  | CompositeDefinition<Attrs, readonly Value[], readonly Value[]>
);
