// The signatures of all ops, from which the types of nodes, kernels and builder methods follow. Each op adds its own line to
// `Signatures` where it is defined, so that nothing here, nor in the graph, imports an op.
import type { Value } from '../graph/value.ts';

export type AttrValue = number | boolean | string | readonly number[];
export type Attrs = Readonly<Record<string, AttrValue>>;
export type NoAttrs = Readonly<Record<string, never>>;

interface Signature<
  Kind extends 'primitive' | 'composite',
  Inputs extends readonly Value[],
  A extends Attrs,
  Outputs extends readonly Value[],
> {
  readonly kind: Kind;
  readonly inputs: Inputs;
  readonly attrs: A;
  readonly outputs: Outputs;
}

/** An op that every backend implements. The primitives are closed under differentiation. */
export type Primitive<
  Inputs extends readonly Value[],
  A extends Attrs = NoAttrs,
  Outputs extends readonly Value[] = readonly [Value],
> = Signature<'primitive', Inputs, A, Outputs>;

/** An op that a backend may implement; one that does not gets its decomposition. */
export type Composite<
  Inputs extends readonly Value[],
  A extends Attrs = NoAttrs,
  Outputs extends readonly Value[] = readonly [Value],
> = Signature<'composite', Inputs, A, Outputs>;

/** By op: filled in by the files of the ops. */
export interface Signatures {}

export type OpName = keyof Signatures;
export type PrimitiveOp = { [K in OpName]: Signatures[K]['kind'] extends 'primitive' ? K : never }[OpName];
export type CompositeOp = Exclude<OpName, PrimitiveOp>;
export type AttrsOf<K extends OpName> = Signatures[K]['attrs'];
export type InputsOf<K extends OpName> = Signatures[K]['inputs'];
export type OutputsOf<K extends OpName> = Signatures[K]['outputs'];

type Arguments<K extends OpName> =
  AttrsOf<K> extends NoAttrs ? InputsOf<K> : [...InputsOf<K>, attrs: AttrsOf<K>];
type Result<K extends OpName> = OutputsOf<K> extends readonly [Value] ? Value : OutputsOf<K>;

/** `op.conv2d(x, w, { strides, pads, dilations, groups })`: a method per op, its attributes last. */
export type Emitters = { readonly [K in OpName]: (...args: Arguments<K>) => Result<K> };
