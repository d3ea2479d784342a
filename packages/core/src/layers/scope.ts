// Where a layer stands while a network is built: it declares its parameters here and emits its ops.
import type { Emitters, GraphBuilder, Value } from '../builder.ts';
import type { ParameterSpec } from '../initializers.ts';
import { streamKey } from '../random.ts';
import type { Shape } from '../tensor.ts';
import { sizeOf } from '../tensor.ts';

/** A piece of a network: `(scope, x) => y`. It knows no backend and holds no numbers. */
export type Layer = (scope: Scope, x: Value) => Value;

/** What one named layer gave: a row of the summary, and what may be read as an activation. */
export interface LayerRecord {
  /** e.g. `nin1.c1`; '' is the whole network. */
  readonly path: string;
  readonly output: Value;
}

interface Shared {
  readonly b: GraphBuilder;
  readonly training: boolean;
  readonly parameters: ParameterSpec[];
  readonly layers: LayerRecord[];
  random: Value | undefined;
}

export class Scope {
  /** The ops: `scope.op.conv2d(x, w, attrs)`. */
  readonly op: Emitters;
  readonly path: string;
  readonly #shared: Shared;

  private constructor(shared: Shared, path: string) {
    this.#shared = shared;
    this.path = path;
    this.op = shared.b.op;
  }

  static root(b: GraphBuilder, training: boolean): Scope {
    return new Scope({ b, training, parameters: [], layers: [], random: undefined }, '');
  }

  /** Whether dropout drops and batch norm uses the batch. */
  get training(): boolean {
    return this.#shared.training;
  }

  get parameters(): readonly ParameterSpec[] {
    return this.#shared.parameters;
  }

  /** Every named layer, each after the layers inside it. */
  get layers(): readonly LayerRecord[] {
    return this.#shared.layers;
  }

  /** Runs a layer in the scope below this one. */
  run(name: string, layer: Layer, x: Value): Value {
    const path = this.#name(name);
    const output = this.#shared.b.labelled(path, () => layer(new Scope(this.#shared, path), x));
    this.#shared.layers.push({ path, output });
    return output;
  }

  /** A learned float32 tensor `<path>.<name>`; a weight unless it is called a bias. */
  parameter(name: string, shape: Shape, role: ParameterSpec['role'] = 'weight'): Value {
    const spec = { name: this.#name(name), shape, role };
    const value = this.#shared.b.state(spec.name, { dtype: 'float32', shape });
    this.#shared.parameters.push(spec);
    return value;
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

  /** A float32 value of this shape, `number` everywhere. */
  fill(number: number, shape: Shape): Value {
    return this.#shared.b.fill(number, shape);
  }

  #name(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}

/** The number of values in all parameters. */
export function parameterCount(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
