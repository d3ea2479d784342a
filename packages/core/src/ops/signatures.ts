// The signatures of all ops, which determine the types of nodes, kernels and builder methods. Each op's file adds a documented
// line to `Signatures`, so neither this file nor the graph imports an op.
import type { Value } from '../graph/value.ts';

/** The value of an attribute. Every such value is JSON, so graphs can be saved. */
export type AttrValue = number | boolean | string | readonly number[];
/** Attributes by name. */
export type Attrs = Readonly<Record<string, AttrValue>>;
/** The type of `attrs` for an op without attributes. */
export type NoAttrs = Readonly<Record<string, never>>;

/** The key of a signature's metadata. It exists only in types: no value has this property. */
declare const parts: unique symbol;

/** The method that emits an op, `(...inputs, attrs) => output`. An op with several outputs returns a tuple. */
interface Signature<
  Kind extends 'primitive' | 'composite',
  Inputs extends readonly Value[],
  A extends Attrs,
  Outputs extends readonly Value[],
> {
  (...args: Arguments<Inputs, A>): Result<Outputs>;
  readonly [parts]?: {
    readonly kind: Kind;
    readonly inputs: Inputs;
    readonly attrs: A;
    readonly outputs: Outputs;
  };
}

type Arguments<Inputs extends readonly Value[], A extends Attrs> = A extends NoAttrs
  ? Inputs
  : [...Inputs, attrs: A];
type Result<Outputs extends readonly Value[]> = Outputs extends readonly [Value] ? Value : Outputs;

/** An op that every backend implements. The primitives are closed under differentiation. */
export type Primitive<
  Inputs extends readonly Value[],
  A extends Attrs = NoAttrs,
  Outputs extends readonly Value[] = readonly [Value],
> = Signature<'primitive', Inputs, A, Outputs>;

/** An op that a backend may implement; other backends run its decomposition. */
export type Composite<
  Inputs extends readonly Value[],
  A extends Attrs = NoAttrs,
  Outputs extends readonly Value[] = readonly [Value],
> = Signature<'composite', Inputs, A, Outputs>;

/** The signature of each op, declared in the op's file. The docstring of a property is the op's documentation. */
export interface Signatures {}

type PartsOf<K extends OpName> = NonNullable<Signatures[K][typeof parts]>;

/** The name of an op: `'conv2d'`. */
export type OpName = keyof Signatures;
/** The name of an op that every backend implements. */
export type PrimitiveOp = { [K in OpName]: PartsOf<K>['kind'] extends 'primitive' ? K : never }[OpName];
/** The name of an op that has a decomposition into others; a backend may implement it too. */
export type CompositeOp = Exclude<OpName, PrimitiveOp>;
/** The attributes of the op K: `AttrsOf<'dropout'>` is `{ rate: number }`. */
export type AttrsOf<K extends OpName> = PartsOf<K>['attrs'];
/** The inputs of the op K, as a tuple of values. */
export type InputsOf<K extends OpName> = PartsOf<K>['inputs'];
/** The outputs of the op K, as a tuple of values. */
export type OutputsOf<K extends OpName> = PartsOf<K>['outputs'];

// Not a mapped type: TypeScript 7.0 does not show the docstrings of mapped properties.
/**
 * One method per op, with the attributes last: `op.conv2d(x, w, { strides, pads, dilations, groups })`.
 * @throws ShapeError from each method if the inputs or attributes do not fit
 */
export type Emitters = Signatures;
