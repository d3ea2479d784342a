// The scope of a layer under construction, where it declares parameters and emits ops.
import type { Emitters } from '../ops/signatures.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { Value } from '../graph/value.ts';
import { GraphError, ShapeError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';
import { streamKey } from '../random.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { sameType, sizeOf, typeText } from '../tensor.ts';
import { givenText } from '../arguments/check.ts';

/**
 * A part of a network: `(scope, x) => y`. It is independent of any backend and holds no values. Write your own layer as such a
 * function; run other layers with {@link Scope.run} and ops with {@link Scope.op}:
 *
 * ```ts
 * const residual = (inner: Layer): Layer => (scope, x) => scope.op.add(scope.run('inner', inner, x), x);
 * ```
 *
 * Core's layers check their arguments when the network is built, because only then do they have a name. The ShapeError names
 * the layer, every invalid argument and option, and every unknown option.
 */
export type Layer = (scope: Scope, x: Value) => Value;

/**
 * A tensor that a layer keeps in addition to its parameters, e.g. batch norm's running statistics. It is not
 * learned but belongs to the model.
 */
export interface BufferSpec {
  /** The path of the layer and the buffer's local name: `nin1.bn.mean`. */
  readonly name: string;
  /** The shape of its value, `[C]` for per-channel statistics. */
  readonly shape: Shape;
  /** The initial value of every element. */
  readonly initial: number;
}

/** An extra output that adds a loss during training (GoogLeNet's side branches). */
export interface AuxiliaryOutput {
  /** The path of the layer that returns it. */
  readonly name: string;
  /** Has the shape of the network's main output. */
  readonly output: Value;
  /** The weight of its loss in the total. */
  readonly weight: number;
}

/** The result of one named layer: a row of the summary, and an activation that can be read. */
export interface LayerRecord {
  /** The path of the layer, e.g. `nin1.c1`; '' for the network itself. */
  readonly path: string;
  /** The layer's result. */
  readonly output: Value;
}

interface HeldBuffer {
  readonly spec: BufferSpec;
  readonly before: Value;
  /** The value of the buffer after a training step, if a layer updates it. */
  after: Value | undefined;
}

/** The mode in which a network is built. */
export interface ScopeOptions {
  /** Training mode: dropout is active and batch norm uses batch statistics. */
  readonly training: boolean;
  /** Returns true if the named parameter, and the statistics of its layer, are frozen. Default: none are. */
  readonly isFrozen?: (parameter: string) => boolean;
}

interface Shared {
  readonly b: GraphBuilder;
  readonly training: boolean;
  readonly isFrozen: (parameter: string) => boolean;
  readonly parameters: ParameterSpec[];
  readonly buffers: HeldBuffer[];
  readonly auxiliaries: AuxiliaryOutput[];
  readonly layers: LayerRecord[];
  random: Value | undefined;
}

/**
 * The position of a layer in the network under construction. The layer declares parameters and buffers and emits ops here.
 * Declared names start with the path: `w` in `nin1.c1` becomes `nin1.c1.w`.
 */
export class Scope {
  /** The ops: `scope.op.conv2d(x, w, attrs)`. They do not broadcast; use {@link Scope.fill} to expand a number to a tensor. */
  readonly op: Emitters;
  /** The names of the enclosing layers and this one, e.g. `block1.c2`; '' for the whole network. */
  readonly path: string;
  readonly #shared: Shared;
  /** The names of the parameters declared in this scope, excluding nested scopes. */
  readonly #own: string[] = [];

  private constructor(shared: Shared, path: string) {
    this.#shared = shared;
    this.path = path;
    this.op = shared.b.op;
  }

  /** Creates the scope of a whole network. */
  static root(b: GraphBuilder, { training, isFrozen = () => false }: ScopeOptions): Scope {
    const lists = { parameters: [], buffers: [], auxiliaries: [], layers: [] };
    return new Scope({ b, training, isFrozen, ...lists, random: undefined }, '');
  }

  /** True in training mode: dropout is active and batch norm uses batch statistics. */
  get training(): boolean {
    return this.#shared.training;
  }

  /**
   * True if this layer's buffers are not updated: all parameters that it has declared so far are frozen or, if it has none, it
   * is inside a frozen layer. Batch norm then normalizes with its running statistics, as in inference.
   */
  get frozen(): boolean {
    const { isFrozen } = this.#shared;
    return this.#own.length === 0 ? isFrozen(this.path) : this.#own.every(isFrozen);
  }

  /** Returns true if all the named parameters of this layer are frozen. The names are relative to the layer. */
  areFrozen(names: readonly string[]): boolean {
    return names.every((name) => this.#shared.isFrozen(this.#name(name)));
  }

  get parameters(): readonly ParameterSpec[] {
    return this.#shared.parameters;
  }

  get buffers(): readonly BufferSpec[] {
    return this.#shared.buffers.map(({ spec }) => spec);
  }

  /** The value of each updated buffer after a training step. */
  get bufferValues(): ReadonlyMap<string, Value> {
    return new Map(
      this.#shared.buffers.flatMap(({ spec, after }) => (after ? [[spec.name, after] as const] : [])),
    );
  }

  get auxiliaries(): readonly AuxiliaryOutput[] {
    return this.#shared.auxiliaries;
  }

  /** Every named layer, in post-order: each follows the layers inside it. */
  get layers(): readonly LayerRecord[] {
    return this.#shared.layers;
  }

  /**
   * Runs a layer inside this one. Its parameters are named `<path>.<name>.w`, so each name can be used only once.
   * @throws ShapeError with the name of the layer if `layer` is not a layer
   */
  run(name: string, layer: Layer, x: Value): Value {
    const path = this.#name(name);
    const output = this.#shared.b.within({ layer: path }, () =>
      applied(layer, new Scope(this.#shared, path), x),
    );
    this.#shared.layers.push({ path, output });
    return output;
  }

  /**
   * Builds a named part of this layer. Unlike the layers of `run`, a part may return several values or none.
   * Summaries and taps show the first value.
   */
  part<T extends readonly Value[]>(name: string, build: (scope: Scope) => T): T {
    const path = this.#name(name);
    const outputs = this.#shared.b.within({ layer: path }, () => build(new Scope(this.#shared, path)));
    const [output] = outputs;
    if (output) this.#shared.layers.push({ path, output });
    return outputs;
  }

  /** Declares a learned float32 tensor `<path>.<name>`, by default a weight. */
  parameter(name: string, shape: Shape, role: ParameterSpec['role'] = 'weight'): Value {
    const spec = { name: this.#name(name), shape, role };
    const value = this.#shared.b.state(spec.name, { dtype: 'float32', shape });
    this.#shared.parameters.push(spec);
    this.#own.push(spec.name);
    return value;
  }

  /** Declares a float32 tensor `<path>.<name>` that is stored but not learned; see {@link Scope.update}. */
  buffer(name: string, shape: Shape, initial: number): Value {
    const spec = { name: this.#name(name), shape, initial };
    const before = this.#shared.b.state(spec.name, { dtype: 'float32', shape });
    this.#shared.buffers.push({ spec, before, after: undefined });
    return before;
  }

  /**
   * Sets the value that the buffer `<path>.<name>` has after a training step. Has no effect in inference mode
   * or in a {@link Scope.frozen} layer. The update is committed with the parameters: a non-finite step leaves
   * the buffer unchanged.
   * @throws GraphError if there is no such buffer or it is already updated, ShapeError if the shape differs
   */
  update(name: string, value: Value): void {
    const path = this.#name(name);
    const buffer = this.#shared.buffers.find(({ spec }) => spec.name === path);
    if (!buffer) throw new GraphError(`buffer "${path}": updated but not declared`);
    if (buffer.after) throw new GraphError(`buffer "${path}": updated twice`);
    if (!sameType(buffer.before, value)) {
      throw new ShapeError(
        `buffer "${path}": expected an update of type ${typeText(buffer.before)}, got ${typeText(value)}`,
      );
    }
    if (this.training && !this.frozen) buffer.after = value;
  }

  /** In training mode, adds an auxiliary output whose loss has this weight. Otherwise has no effect. */
  auxiliary(output: Value, weight: number): void {
    if (this.training) this.#shared.auxiliaries.push({ name: this.path, output, weight });
  }

  /**
   * Returns uniform random numbers in [0, 1) of this shape, drawn anew in each training step. The random
   * stream is named after the layer. Adds the input `random: uint32 [3] = [seed, step, first sample]` to the
   * graph.
   */
  uniform(shape: Shape): Value {
    const { b } = this.#shared;
    this.#shared.random ??= b.input('random', { dtype: 'uint32', shape: [3] });
    return this.op.randomUniform(this.#shared.random, { shape, stream: streamKey(this.path) });
  }

  /** Adds a constant tensor to the network. */
  constant(tensor: Tensor): Value {
    return this.#shared.b.constant(tensor);
  }

  /** Returns a float32 value of this shape, filled with `number`. */
  fill(number: number, shape: Shape): Value {
    return this.#shared.b.fill(number, shape);
  }

  #name(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

/**
 * Runs a layer and checks its result. Every layer runs through this function.
 * @throws ShapeError for anything but a layer, e.g. `relu` instead of `relu()`
 */
export function applied(layer: Layer, scope: Scope, x: Value): Value {
  const where = scope.path === '' ? 'the network' : `layer "${scope.path}"`;
  if (typeof layer !== 'function') {
    throw new ShapeError(`${where}: expected a layer, (scope, x) => y, got ${givenText(layer)}`);
  }
  const y: unknown = layer(scope, x);
  if (y instanceof Value) return y;
  const fix = typeof y === 'function' ? '; call the function that creates the layer: relu(), not relu' : '';
  throw new ShapeError(`${where}: expected it to return a value of the graph, got ${givenText(y)}${fix}`);
}

/** Returns the total number of elements in all parameters. */
export function parameterCount(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
