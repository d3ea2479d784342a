// One node of the file, as the readers of the operators see it: its operands and attributes, and the ops of the graph that is
// being built.
import type { Emitters, MaxPool2dAttrs, ParameterSpec, Scope, Shape } from '@isonet/core';
import { DataError, typeText, Value } from '@isonet/core';
import { Attributes } from './attributes.ts';
import type { FileGraph, FileNode } from './file.ts';
import type { HostBudget } from './host/budget.ts';
import type { HostTensor, Kind } from './hostTensor.ts';
import { graphTensor } from './hostTensor.ts';
import type { Operand, Stored } from './operand.ts';
import { Known, kindOfOperand, shapeOf } from './operand.ts';

/** How many images a network is built for. */
export interface BatchSize {
  /** What the file says: a number where it was exported for that many images alone. */
  readonly declared: number | undefined;
  readonly bound: number;
}

/** A max pooling whose indices are read: `y = maxPool2d(x)`. */
export interface MaxPlaces {
  readonly x: Value;
  readonly y: Value;
  readonly attrs: MaxPool2dAttrs;
}

/** A parameter or buffer, and its name: the initializer's own, unless another state has that. */
export interface Declared {
  readonly name: string;
  readonly value: Value;
}

/** What is the same for all nodes of a network that is being built. */
export interface Frame {
  /** Parameters and buffers are declared here, under the file's own names. */
  readonly scope: Scope;
  readonly batch: BatchSize;
  /** By the name that an initializer has in the file. */
  readonly parameters: Map<string, Declared>;
  /** Initializers that are parameters wherever they are read. */
  readonly learned: ReadonlySet<string>;
  /** The file's numbers for every parameter and buffer, by the name under which it was declared. */
  readonly stored: Map<string, HostTensor>;
  /** One constant for each tensor, however often it is read. */
  readonly constants: Map<HostTensor, Value>;
  /** Nodes with weights that are computed from constants, which are not trained. */
  readonly fixed: Set<string>;
  /** Nodes that read an initializer as a constant, by its name. */
  readonly constantIn: Map<string, string>;
  /** Values that depend on parameters: what is added to one of them per channel is a bias, and not how images are normalized. */
  readonly learnedFrom: Set<Value>;
  /** Indices that a MaxPool gives, as values of the graph, and that pooling. */
  readonly maxPlaces: Map<Value, MaxPlaces>;
  /** What may still be computed while the network is built. */
  readonly budget: HostBudget;
  /** Notes what a user should know of a node: a number that is only nearly the same, a dtype that was widened. */
  readonly note: (text: string) => void;
  /** Runs a branch of an If in the surroundings of its node. */
  readonly branch: (graph: FileGraph) => readonly Operand[];
  /** The node's own part of the scope: its random numbers are named after it. */
  readonly part: Scope;
}

/** A node that cannot be read; the message says why. */
export class NodeError extends DataError {
  override readonly name: string = 'NodeError';
  constructor(problem: string) {
    super('ONNX_NODE', problem);
  }
}

/** What a reader makes of a node: its outputs, in order. Outputs that nobody wants may be left out at the end. */
export type ReadOp = (node: NodeReader) => Operand | readonly Operand[];

/** The readers of operators, by ONNX's names of them. */
export type ReadOps = Readonly<Record<string, ReadOp>>;

/** A node with its operands. Whatever does not fit throws a {@link NodeError}. */
export class NodeReader {
  readonly attributes: Attributes;
  /** The version of the operator set that the file names: semantics follow it. */
  readonly opset: number;
  readonly frame: Frame;
  readonly #node: FileNode;
  readonly #operands: readonly (Operand | undefined)[];
  readonly #buffers = new Map<number, string>();
  #readsParameter = false;

  constructor(frame: Frame, node: FileNode, opset: number, operands: readonly (Operand | undefined)[]) {
    this.frame = frame;
    this.opset = opset;
    this.#node = node;
    this.#operands = operands;
    this.attributes = new Attributes(node.attributes, (problem) => this.fail(problem));
  }

  /** The ops of the graph: `node.op.conv2d(x, w, attrs)`. They do not broadcast. */
  get op(): Emitters {
    return this.frame.scope.op;
  }

  /** Whether it is built for training: dropout drops, batch norm uses the batch. */
  get training(): boolean {
    return this.frame.scope.training;
  }

  get opType(): string {
    return this.#node.opType;
  }

  /** Its name in the file. */
  get name(): string {
    return this.#node.name;
  }

  /** How many inputs the file lists, left-out ones included. */
  get inputCount(): number {
    return this.#operands.length;
  }

  /** How many outputs the file lists; '' is one that nobody wants. */
  get outputNames(): readonly string[] {
    return this.#node.outputs;
  }

  fail(problem: string): NodeError {
    return new NodeError(problem);
  }

  /** Whether the optional input `i` is there. */
  has(i: number): boolean {
    return this.#operands[i] !== undefined;
  }

  input(i: number): Operand {
    const operand = this.#operands[i];
    if (!operand) throw this.fail(`expected input ${i}, got none`);
    return operand;
  }

  get inputs(): readonly Operand[] {
    return this.#operands.map((_, i) => this.input(i));
  }

  shape(i: number): Shape {
    return shapeOf(this.input(i));
  }

  kind(i: number): Kind {
    return kindOfOperand(this.input(i));
  }

  /** Whether all inputs that are there are known, so that the node can be computed here. */
  get isKnown(): boolean {
    return this.#operands.every((operand, i) => operand === undefined || this.known(i) !== undefined);
  }

  /** Whether the results depend on parameters. */
  get isLearned(): boolean {
    const { learnedFrom } = this.frame;
    return (
      this.#readsParameter ||
      this.#operands.some((operand) => operand instanceof Value && learnedFrom.has(operand))
    );
  }

  /** The input's numbers, where they are known while the network is built: not those of an initializer that is learned. */
  known(i: number): HostTensor | undefined {
    const operand = this.#operands[i];
    if (!(operand instanceof Known)) return undefined;
    const { stored, tensor } = operand;
    return stored && this.frame.learned.has(stored.name) ? undefined : tensor;
  }

  /** As `known`. @throws NodeError where they are computed by the network instead */
  host(i: number): HostTensor {
    const tensor = this.known(i);
    if (tensor) return tensor;
    throw this.fail(
      this.has(i)
        ? `expected input ${i} to be a constant, got one that the network computes`
        : `expected input ${i}, got none`,
    );
  }

  /** The input's integers, known while the network is built: a shape, axes, pads. */
  ints(i: number): readonly number[] {
    const { kind, data, shape } = this.host(i);
    if (kind !== 'int' || shape.length > 1)
      throw this.fail(`expected input ${i} as a vector of integers, got ${kind}`);
    return Array.from(data);
  }

  /** The input as a value of the graph; a known one becomes a constant. */
  value(i: number): Value {
    return this.valueOf(this.input(i));
  }

  /** As `value`, of float32. */
  float(i: number): Value {
    return this.#float(this.value(i), i);
  }

  /** An operand as a value of the graph. */
  valueOf(operand: Operand): Value {
    if (!(operand instanceof Known)) return operand;
    const { tensor, stored } = operand;
    const { learned, constantIn } = this.frame;
    if (stored && learned.has(stored.name)) return this.#parameter(stored, 'weight');
    if (stored) constantIn.set(stored.name, this.name);
    return this.constant(tensor);
  }

  /** A tensor as a constant of the graph; the same tensor twice is one constant. */
  constant(tensor: HostTensor): Value {
    const { constants, scope } = this.frame;
    const made = constants.get(tensor) ?? scope.constant(graphTensor(tensor));
    constants.set(tensor, made);
    return made;
  }

  /**
   * The input in a slot for weights: an initializer becomes a parameter, under its own name; read twice, it is one parameter.
   * What is computed by the network stays what it is.
   */
  weight(i: number, role: ParameterSpec['role']): Value {
    const operand = this.input(i);
    if (operand instanceof Known && operand.stored) {
      return this.#float(this.#parameter(operand.stored, role), i);
    }
    if (operand instanceof Known) this.frame.fixed.add(this.name);
    return this.float(i);
  }

  /**
   * The input in a slot for statistics: an initializer becomes a buffer of this node alone, under its own name or, where another state
   * has that, as `node.mean`. Exporters store equal tensors once: zeros are the mean of one layer and the bias of another.
   */
  buffer(i: number, slot: string, initial: number): Value {
    const operand = this.input(i);
    if (!(operand instanceof Known) || !operand.stored) return this.float(i);
    const { name, tensor } = operand.stored;
    const { scope } = this.frame;
    const own = this.#declare(name, slot, tensor);
    const value = scope.buffer(own, tensor.shape, initial);
    this.#buffers.set(i, own);
    return value;
  }

  /** The name of the buffer that the input became; undefined where it is none. */
  bufferName(i: number): string | undefined {
    return this.#buffers.get(i);
  }

  /** The name of the parameter that the input became; undefined where it is none. */
  parameterName(i: number): string | undefined {
    const name = this.storedName(i);
    return name === undefined ? undefined : this.frame.parameters.get(name)?.name;
  }

  /** The name of the initializer that may be learned; undefined where the input is none. */
  storedName(i: number): string | undefined {
    const operand = this.#operands[i];
    return operand instanceof Known ? operand.stored?.name : undefined;
  }

  #parameter({ name, tensor, through }: Stored, role: ParameterSpec['role']): Value {
    const { parameters, scope } = this.frame;
    let declared = parameters.get(name);
    if (!declared) {
      const own = this.#declare(name, role, tensor);
      declared = { name: own, value: scope.parameter(own, tensor.shape, role) };
      parameters.set(name, declared);
    }
    this.#readsParameter = true;
    return through(declared.value);
  }

  /** A name for a state of this node. */
  #declare(name: string, slot: string, tensor: HostTensor): string {
    const { stored } = this.frame;
    const own = stored.has(name) ? `${this.name}.${slot}` : name;
    stored.set(own, tensor);
    return own;
  }

  #float(value: Value, i: number): Value {
    if (value.dtype === 'float32') return value;
    throw this.fail(`expected input ${i} as floats, got ${typeText(value)}`);
  }
}
