// A node of the file, as operator readers see it: its operands and attributes, and the ops of the graph under construction.
import type { Emitters, MaxPool2dAttrs, ParameterSpec, Scope, Shape } from '@isonet/core';
import { DataError, shapeText, typeText, Value } from '@isonet/core';
import { Attributes } from './attributes.ts';
import type { FileGraph, FileNode } from './file.ts';
import type { HostBudget } from './host/budget.ts';
import type { HostTensor, Kind } from './hostTensor.ts';
import { graphTensor } from './hostTensor.ts';
import type { Operand, Stored } from './operand.ts';
import { Known, kindOfOperand, shapeOf } from './operand.ts';

/** The number of samples that a network is built for. */
export interface BatchSize {
  /** The batch size in the file, if it was exported for a fixed one. */
  readonly declared: number | undefined;
  /** The batch size that the network is being built for. */
  readonly bound: number;
}

/** A max pooling whose indices are used: `y = maxPool2d(x)`. */
export interface IndexedMaxPool {
  readonly x: Value;
  readonly y: Value;
  readonly attrs: MaxPool2dAttrs;
}

/** A parameter or buffer, and its name: the name of the initializer, unless that is taken. */
export interface Declared {
  readonly name: string;
  readonly value: Value;
}

/** The state shared by all nodes while a network is built. */
export interface Frame {
  /** Declares parameters and buffers, under the file's names. */
  readonly scope: Scope;
  readonly batch: BatchSize;
  /** The declared parameters, by the initializer's name in the file. */
  readonly parameters: Map<string, Declared>;
  /** Initializers that become parameters wherever they are read. */
  readonly learned: ReadonlySet<string>;
  /** The file's values for every parameter and buffer, by declared name. */
  readonly stored: Map<string, HostTensor>;
  /** The constant for each tensor that was read, so that no tensor becomes two constants. */
  readonly constants: Map<HostTensor, Value>;
  /** Nodes whose weights are computed from constants and therefore not trained. */
  readonly fixed: Set<string>;
  /** For each initializer that is read as a constant, the name of a node that reads it. */
  readonly constantIn: Map<string, string>;
  /**
   * Values that depend on parameters. A per-channel addend to such a value is a bias; an addend to any other value
   * normalizes the images.
   */
  readonly learnedFrom: Set<Value>;
  /** The pooling that produced each value that holds a MaxPool's indices. */
  readonly poolOfIndices: Map<Value, IndexedMaxPool>;
  /** The number of values that may still be computed while the network is built. */
  readonly budget: HostBudget;
  /** Adds a note for the user, such as an approximated result or a widened dtype. */
  readonly note: (text: string) => void;
  /** Builds a branch of an If, with access to the values around its node. */
  readonly branch: (graph: FileGraph) => readonly Operand[];
  /** The node's part of the scope, which names its random numbers. */
  readonly part: Scope;
}

/** A node that cannot be read; the message says why. */
export class NodeError extends DataError {
  override readonly name: string = 'NodeError';
  constructor(problem: string) {
    super('ONNX_NODE', problem);
  }
}

/** Reads a node and returns its outputs, in order. Unused outputs at the end may be omitted. */
export type ReadOp = (node: NodeReader) => Operand | readonly Operand[];

/** Operator readers, by ONNX's operator names. */
export type ReadOps = Readonly<Record<string, ReadOp>>;

/** A node with its operands. Unexpected operands and attributes throw a {@link NodeError}. */
export class NodeReader {
  readonly attributes: Attributes;
  /** The version of the operator set in the file, which determines the operator's semantics. */
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

  /** The ops of the graph, as in `node.op.conv2d(x, w, attrs)`. They do not broadcast. */
  get op(): Emitters {
    return this.frame.scope.op;
  }

  /** Whether the network is built for training: dropout is active, and batch norm uses batch statistics. */
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

  /** The number of inputs that the file lists, including omitted ones. */
  get inputCount(): number {
    return this.#operands.length;
  }

  /** The names of the outputs that the file lists; '' is an unused one. */
  get outputNames(): readonly string[] {
    return this.#node.outputs;
  }

  fail(problem: string): NodeError {
    return new NodeError(problem);
  }

  /** Returns whether the optional input `i` is present. */
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

  /** Whether all present inputs are known, so that the node can be computed now. */
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

  /** Returns the input's tensor if it is known while the network is built; undefined for a learned initializer, too. */
  known(i: number): HostTensor | undefined {
    const operand = this.#operands[i];
    if (!(operand instanceof Known)) return undefined;
    const { stored, tensor } = operand;
    return stored && this.frame.learned.has(stored.name) ? undefined : tensor;
  }

  /** Like `known`. @throws NodeError if the network computes the input */
  host(i: number): HostTensor {
    const tensor = this.known(i);
    if (tensor) return tensor;
    throw this.fail(
      this.has(i)
        ? `expected input ${i} to be a constant, but the network computes it`
        : `expected input ${i}, got none`,
    );
  }

  /** Returns the integers of an input that is known while the network is built: a shape, axes, pads. */
  ints(i: number): readonly number[] {
    const { kind, data, shape } = this.host(i);
    if (kind !== 'int' || shape.length > 1)
      throw this.fail(`expected input ${i} to be a vector of integers, got ${kind} ${shapeText(shape)}`);
    return Array.from(data);
  }

  /** Returns the input as a value of the graph. A known input becomes a constant. */
  value(i: number): Value {
    return this.valueOf(this.input(i));
  }

  /** Like `value`, but requires float32. */
  float(i: number): Value {
    return this.#float(this.value(i), i);
  }

  /** Returns an operand as a value of the graph. */
  valueOf(operand: Operand): Value {
    if (!(operand instanceof Known)) return operand;
    const { tensor, stored } = operand;
    const { learned, constantIn } = this.frame;
    if (stored && learned.has(stored.name)) return this.#parameter(stored, 'weight');
    if (stored) constantIn.set(stored.name, this.name);
    return this.constant(tensor);
  }

  /** Returns a tensor as a constant of the graph, always the same one for the same tensor. */
  constant(tensor: HostTensor): Value {
    const { constants, scope } = this.frame;
    const made = constants.get(tensor) ?? scope.constant(graphTensor(tensor));
    constants.set(tensor, made);
    return made;
  }

  /**
   * Returns an input that acts as a weight. An initializer becomes a parameter under its own name: a single parameter,
   * no matter how often it is read. A computed value is returned unchanged.
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
   * Returns an input that acts as a statistic. An initializer becomes a buffer of this node only, under its own name
   * or, if that is taken, as `node.mean`. Exporters store equal tensors once, so the same zeros can be the mean of one
   * layer and the bias of another.
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

  /** Returns the name of the buffer that the input became; undefined if it is not a buffer. */
  bufferName(i: number): string | undefined {
    return this.#buffers.get(i);
  }

  /** Returns the name of the parameter that the input became; undefined if it is not a parameter. */
  parameterName(i: number): string | undefined {
    const name = this.storedName(i);
    return name === undefined ? undefined : this.frame.parameters.get(name)?.name;
  }

  /** Returns the name of the learnable initializer that the input comes from; undefined if there is none. */
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

  /** Stores a tensor as state of this node and returns its name. */
  #declare(name: string, slot: string, tensor: HostTensor): string {
    const { stored } = this.frame;
    const own = stored.has(name) ? `${this.name}.${slot}` : name;
    stored.set(own, tensor);
    return own;
  }

  #float(value: Value, i: number): Value {
    if (value.dtype === 'float32') return value;
    throw this.fail(`expected input ${i} to be floats, got ${typeText(value)}`);
  }
}
