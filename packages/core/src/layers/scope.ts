// The scope of a layer under construction: it declares its parameters here and emits its ops.
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
 * A piece of a network: `(scope, x) => y`. It knows no backend and holds no numbers. A layer of your own is such a function;
 * it runs other layers by {@link Scope.run} and ops by {@link Scope.op}:
 *
 * ```ts
 * const residual = (inner: Layer): Layer => (scope, x) => scope.op.add(scope.run('inner', inner, x), x);
 * ```
 *
 * Core's layers check what they were made with when the network is built, because only then do they have a name: the ShapeError
 * names the layer, every argument and option of another form, and every option that does not exist.
 */
export type Layer = (scope: Scope, x: Value) => Value;

/** What a layer keeps beside its parameters, e.g. batch norm's running statistics. Not learned, but part of the model. */
export interface BufferSpec {
  /** `nin1.bn.mean`: the path of the layer, and the own name of the buffer. */
  readonly name: string;
  /** Of its value, `[C]` for statistics of channels. */
  readonly shape: Shape;
  /** Every value at the start. */
  readonly initial: number;
}

/** An output beside the network's own, from which a further loss is taken while training (GoogLeNet's side branches). */
export interface AuxiliaryOutput {
  /** The path of the layer that gives it. */
  readonly name: string;
  /** Of the shape of the network's own. */
  readonly output: Value;
  /** Its loss's part in the whole. */
  readonly weight: number;
}

/** What one named layer gave: a row of the summary, and what may be read as an activation. */
export interface LayerRecord {
  /** e.g. `nin1.c1`; '' is the whole network. */
  readonly path: string;
  /** What the layer gave. */
  readonly output: Value;
}

interface HeldBuffer {
  readonly spec: BufferSpec;
  readonly before: Value;
  /** What a layer makes of it in a training step, if one does. */
  after: Value | undefined;
}

/** What a network is built for. */
export interface ScopeOptions {
  /** Whether dropout drops and batch norm uses the batch. */
  readonly training: boolean;
  /** Whether a parameter, by name, is frozen together with the statistics of its layer. Default: none is. */
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
 * Where a layer is in the network that is being built: it declares parameters and buffers here and emits ops. What is declared is
 * named after the path: `nin1.c1` and `w` make `nin1.c1.w`.
 */
export class Scope {
  /** The ops: `scope.op.conv2d(x, w, attrs)`. They do not broadcast; {@link Scope.fill} makes a number a tensor. */
  readonly op: Emitters;
  /** The names of the layers around it and its own, e.g. `block1.c2`; '' for the whole network. */
  readonly path: string;
  readonly #shared: Shared;
  /** Names of the parameters that were declared here, not in a scope below. */
  readonly #own: string[] = [];

  private constructor(shared: Shared, path: string) {
    this.#shared = shared;
    this.path = path;
    this.op = shared.b.op;
  }

  /** The scope of a whole network. */
  static root(b: GraphBuilder, { training, isFrozen = () => false }: ScopeOptions): Scope {
    const lists = { parameters: [], buffers: [], auxiliaries: [], layers: [] };
    return new Scope({ b, training, isFrozen, ...lists, random: undefined }, '');
  }

  /** Whether dropout drops and batch norm uses the batch. */
  get training(): boolean {
    return this.#shared.training;
  }

  /**
   * Whether this layer's buffers stay as they are, because all the parameters that it has declared so far are frozen or, where
   * it has none, because it lies in a frozen layer. Batch norm then normalizes by its running statistics, as in inference.
   */
  get frozen(): boolean {
    const { isFrozen } = this.#shared;
    return this.#own.length === 0 ? isFrozen(this.path) : this.#own.every(isFrozen);
  }

  /** Whether all of these parameters of this layer are frozen, by their names within it. */
  areFrozen(names: readonly string[]): boolean {
    return names.every((name) => this.#shared.isFrozen(this.#name(name)));
  }

  get parameters(): readonly ParameterSpec[] {
    return this.#shared.parameters;
  }

  get buffers(): readonly BufferSpec[] {
    return this.#shared.buffers.map(({ spec }) => spec);
  }

  /** By buffer, what it holds after a training step; without those that no layer updates. */
  get bufferValues(): ReadonlyMap<string, Value> {
    return new Map(
      this.#shared.buffers.flatMap(({ spec, after }) => (after ? [[spec.name, after] as const] : [])),
    );
  }

  get auxiliaries(): readonly AuxiliaryOutput[] {
    return this.#shared.auxiliaries;
  }

  /** Every named layer, each after the layers inside it. */
  get layers(): readonly LayerRecord[] {
    return this.#shared.layers;
  }

  /**
   * Runs a layer inside this one. Its parameters are called `<path>.<name>.w`: each name is used once.
   * @throws ShapeError, naming it, when it is not a layer
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
   * Builds a part of this layer under its own name. Unlike a layer that `run` takes, a part may return several values or none.
   * Summaries and taps show the first.
   */
  part<T extends readonly Value[]>(name: string, build: (scope: Scope) => T): T {
    const path = this.#name(name);
    const outputs = this.#shared.b.within({ layer: path }, () => build(new Scope(this.#shared, path)));
    const [output] = outputs;
    if (output) this.#shared.layers.push({ path, output });
    return outputs;
  }

  /** A learned float32 tensor `<path>.<name>`; a weight unless it is called a bias. */
  parameter(name: string, shape: Shape, role: ParameterSpec['role'] = 'weight'): Value {
    const spec = { name: this.#name(name), shape, role };
    const value = this.#shared.b.state(spec.name, { dtype: 'float32', shape });
    this.#shared.parameters.push(spec);
    this.#own.push(spec.name);
    return value;
  }

  /** A float32 tensor `<path>.<name>` that is kept but not learned; see {@link Scope.update}. */
  buffer(name: string, shape: Shape, initial: number): Value {
    const spec = { name: this.#name(name), shape, initial };
    const before = this.#shared.b.state(spec.name, { dtype: 'float32', shape });
    this.#shared.buffers.push({ spec, before, after: undefined });
    return before;
  }

  /**
   * While training, the value that the buffer `<path>.<name>` has after the step; nothing in inference or where the layer is
   * {@link Scope.frozen}. It is committed with the parameters: a step that is not finite leaves the buffer as it was.
   * @throws GraphError when there is no such buffer or it has its value already, ShapeError when it has another shape
   */
  update(name: string, value: Value): void {
    const path = this.#name(name);
    const buffer = this.#shared.buffers.find(({ spec }) => spec.name === path);
    if (!buffer) throw new GraphError(`buffer "${path}": it is updated, but not declared`);
    if (buffer.after) throw new GraphError(`buffer "${path}": it is updated twice`);
    if (!sameType(buffer.before, value)) {
      throw new ShapeError(
        `buffer "${path}": expected ${typeText(buffer.before)}, its update is ${typeText(value)}`,
      );
    }
    if (this.training && !this.frozen) buffer.after = value;
  }

  /** While training, an output like the network's own, whose loss is added with this weight; else nothing. */
  auxiliary(output: Value, weight: number): void {
    if (this.training) this.#shared.auxiliaries.push({ name: this.path, output, weight });
  }

  /**
   * Fresh numbers in [0, 1) for each training step, of this shape; their stream is named after the layer.
   * The graph then has an input `random: uint32 [3] = [seed, step, first sample]`.
   */
  uniform(shape: Shape): Value {
    const { b } = this.#shared;
    this.#shared.random ??= b.input('random', { dtype: 'uint32', shape: [3] });
    return this.op.randomUniform(this.#shared.random, { shape, stream: streamKey(this.path) });
  }

  /** A tensor that is part of the network and never learned. */
  constant(tensor: Tensor): Value {
    return this.#shared.b.constant(tensor);
  }

  /** A float32 value of this shape, `number` everywhere. */
  fill(number: number, shape: Shape): Value {
    return this.#shared.b.fill(number, shape);
  }

  #name(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

/**
 * The result of a layer. Every layer runs here.
 * @throws ShapeError for anything else than a layer, such as `relu` where `relu()` is meant
 */
export function applied(layer: Layer, scope: Scope, x: Value): Value {
  const where = scope.path === '' ? 'the network' : `layer "${scope.path}"`;
  if (typeof layer !== 'function') {
    throw new ShapeError(`${where}: expected a layer, (scope, x) => y, got ${givenText(layer)}`);
  }
  const y: unknown = layer(scope, x);
  if (y instanceof Value) return y;
  const fix = typeof y === 'function' ? '; call the function that makes the layer: relu(), not relu' : '';
  throw new ShapeError(`${where}: expected it to return a value of the graph, got ${givenText(y)}${fix}`);
}

/** The number of values in all parameters. */
export function parameterCount(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
