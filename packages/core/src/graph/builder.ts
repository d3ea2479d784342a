import { GraphError, ShapeError } from '../errors.ts';
import type { Build } from '../ops/definition.ts';
import type { Attrs, AttrsOf, Emitters, OpName } from '../ops/signatures.ts';
import { checkArity, definitionOf, opNames } from '../ops/table.ts';
import { sameType, scalar, typeText } from '../tensor.ts';
import type { Shape, Tensor, TensorType } from '../tensor.ts';
import type { Constant, Graph, Named, Node, Origin, Phase } from './graph.ts';
import { canonicalText } from './canonical.ts';
import { originText } from './print.ts';
import { validate } from './validate.ts';
import { Value } from './value.ts';

/**
 * Builds a graph: one typed method per op; shapes are inferred and checked as ops are added.
 * ```ts
 * const b = new GraphBuilder('square');
 * const x = b.input('x', { dtype: 'float32', shape: [2] });
 * b.output('y', b.op.mul(x, x));
 * const graph = b.build();
 * ```
 */
export class GraphBuilder implements Build {
  /** The ops: `b.op.conv2d(x, w, attrs)`. */
  readonly op: Emitters = emitters(this);
  readonly #name: string;
  readonly #values: Value[] = [];
  readonly #inputs: Named[] = [];
  readonly #state: Named[] = [];
  readonly #constants: Constant[] = [];
  readonly #nodes: Node[] = [];
  readonly #outputs: Named[] = [];
  readonly #updates: Named[] = [];
  readonly #scalars = new Map<string, Value>();
  #origin: Origin;

  /** @param phase the phase of nodes built outside {@link GraphBuilder.within} */
  constructor(name: string, phase: Phase = 'forward') {
    this.#name = name;
    this.#origin = { layer: '', phase };
  }

  /** The nodes added so far. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** Declares a value that is fed at each run. */
  input(name: string, type: TensorType): Value {
    return this.#declare(this.#inputs, 'input', name, type);
  }

  /** Declares a value that stays on the device between runs. */
  state(name: string, type: TensorType): Value {
    return this.#declare(this.#state, 'state', name, type);
  }

  /** Adds a constant tensor. */
  constant(data: Tensor): Value {
    const value = this.#value(data);
    this.#constants.push({ value: value.id, data });
    return value;
  }

  /** Adds a float32 constant of shape `[]`; equal numbers share one constant. */
  scalar(number: number): Value {
    const key = canonicalText(number); // A Map treats -0 and 0 as one key.
    const known = this.#scalars.get(key);
    if (known) return known;
    const value = this.constant(scalar(number));
    this.#scalars.set(key, value);
    return value;
  }

  /** Returns a float32 value of this shape, filled with `number`. */
  fill(number: number, shape: Shape): Value {
    return this.op.broadcast(this.scalar(number), { shape });
  }

  /** Names a result of the graph. */
  output(name: string, value: Value): void {
    this.#outputs.push({ name, value: value.id });
  }

  /**
   * Sets the value that the state `name` has after the run.
   * @throws GraphError for an unknown state or a different type
   */
  update(name: string, value: Value): void {
    const state = this.#state.find((entry) => entry.name === name);
    if (!state) throw new GraphError(`graph "${this.#name}": no state "${name}" to update`);
    const type = this.at(state.value);
    if (!sameType(type, value)) {
      throw new GraphError(
        `graph "${this.#name}": state "${name}" is ${typeText(type)}, but its update is ${typeText(value)}`,
      );
    }
    this.#updates.push({ name, value: value.id });
  }

  /** Assigns this origin to the nodes built inside `build`; omitted fields are inherited. */
  within<T>(origin: Partial<Origin>, build: () => T): T {
    const outer = this.#origin;
    this.#origin = { ...outer, ...origin };
    try {
      return build();
    } finally {
      this.#origin = outer;
    }
  }

  /** Adds a node of any op; the typed methods of `op` call this. @throws ShapeError if the inputs do not fit */
  emit(op: OpName, inputs: readonly Value[], attrs: Attrs): readonly Value[] {
    const fail = (message: string): ShapeError => new ShapeError(`${op} ${this.#where()}: ${message}`);
    for (const input of inputs) {
      if (this.#values[input.id] !== input) throw fail('an input belongs to another graph');
    }
    const definition = definitionOf(op);
    checkArity(definition, inputs.length, fail);
    const outputs = definition.infer(inputs, attrs, fail).map((type) => this.#value(type));
    const ids = (values: readonly Value[]): readonly number[] => values.map((value) => value.id);
    // Op, inputs, outputs and attributes match by construction, which the union of all nodes cannot express here.
    this.#nodes.push({
      op,
      origin: this.#origin,
      inputs: ids(inputs) as Node['inputs'],
      outputs: ids(outputs) as Node['outputs'],
      attrs: attrs as AttrsOf<OpName>,
    } as Node);
    return outputs;
  }

  /** Returns the value with this id. @throws GraphError if there is none */
  at(id: number): Value {
    const value = this.#values[id];
    if (!value) throw new GraphError(`graph "${this.#name}": no value %${id}`);
    return value;
  }

  /**
   * Returns the finished graph.
   * @throws GraphError if it breaks a rule, e.g. two outputs have the same name
   */
  build(): Graph {
    return validate({
      name: this.#name,
      values: this.#values.map(({ dtype, shape }) => ({ dtype, shape })),
      inputs: this.#inputs,
      state: this.#state,
      constants: this.#constants,
      nodes: this.#nodes,
      outputs: this.#outputs,
      updates: this.#updates,
    });
  }

  #declare(list: Named[], kind: string, name: string, type: TensorType): Value {
    if ([...this.#inputs, ...this.#state].some((entry) => entry.name === name)) {
      throw new GraphError(`graph "${this.#name}": ${kind} "${name}" is declared twice`);
    }
    const value = this.#value(type);
    list.push({ name, value: value.id });
    return value;
  }

  /** Names the current layer for messages, or the graph outside any layer. */
  #where(): string {
    const text = originText(this.#origin);
    return `"${text === '' ? this.#name : text}"`;
  }

  #value(type: TensorType): Value {
    const bad = type.shape.find((dim) => !Number.isInteger(dim) || dim < 1);
    if (bad !== undefined) {
      throw new ShapeError(
        `${this.#where()}: ${typeText(type)} has a dimension that is not an integer of at least 1`,
      );
    }
    const value = new Value(this.#values.length, type);
    this.#values.push(value);
    return value;
  }
}

// The method of any op, without its specific types. `never` is assignable to every op's result; the typed methods of Emitters
// restore the actual type, and emit() checks the number of values against the op's definition.
type Emitter = (...args: readonly (Value | Attrs)[]) => never;

function emitters(builder: GraphBuilder): Emitters {
  const emitter = (op: OpName): Emitter => {
    const call = (...args: readonly (Value | Attrs)[]): Value | readonly Value[] => {
      const last = args.at(-1);
      const attrs = last instanceof Value || last === undefined ? {} : last;
      const inputs = args.filter((arg) => arg instanceof Value);
      const outputs = builder.emit(op, inputs, attrs);
      const [only] = outputs;
      return only && outputs.length === 1 ? only : outputs;
    };
    return call as Emitter;
  };
  return Object.fromEntries(opNames.map((op) => [op, emitter(op)])) as Record<OpName, Emitter>;
}
