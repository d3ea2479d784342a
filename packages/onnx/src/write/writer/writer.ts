// The target that kernels write to. A kernel reads the names of its operands, emits ONNX nodes, and names its result.
//
// A value may be written smaller than it is in the graph: if its elements repeat along an axis, ONNX's operators can
// broadcast it. `operand` returns the value as written; `full` adds an Expand if necessary. A value can also be written
// in another layout (forms.ts): `inForm` returns the value in that layout, and converts it from the graph's layout if
// necessary.
import type {
  DType,
  Graph,
  Kernel,
  Kernels,
  Node,
  NodeOf,
  OpName,
  Origin,
  Pair,
  Shape4,
  Tensor,
  ValueId,
} from '@isonet/core';
import { GraphError, nodeText, originText, shape4, typeOf, UnsupportedOpError } from '@isonet/core';
import type { UniformInput } from '../uniform.ts';
import type { Dims } from './dims.ts';
import { numbersOf, sameDims } from './dims.ts';
import type { OnnxAttrs, OnnxNode, OnnxTensor } from './encode.ts';
import { int64Tensor, onnxTensor } from './encode.ts';
import type { Form, Padding } from './forms.ts';
import { Forms } from './forms.ts';
import { Initializers } from './initializers.ts';
import type { Names } from './names.ts';
import type { ElementwiseOperands, PointwiseWriter, Written } from './pointwise.ts';
import { writeElementwise } from './pointwise.ts';
import { runtimeShape } from './runtimeShape.ts';
import { Uses } from './uses.ts';

/** The types of kernels: they receive a node's values as ids, look up their names in the writer, and set the names of the results. */
export interface OnnxKernelTypes {
  readonly input: ValueId;
  readonly output: ValueId;
  readonly context: Writer;
  readonly result: void;
}

/** Writes one op. */
export type OnnxKernel<K extends OpName> = Kernel<K, OnnxKernelTypes>;

/** The kernel of each op. */
export type OnnxKernels = Kernels<OnnxKernelTypes>;

/** The target of kernels, which read operands from it and write nodes and results to it. */
export class Writer implements PointwiseWriter {
  #nodes: OnnxNode[] = [];
  readonly uniforms: UniformInput[] = [];
  readonly #graph: Graph;
  readonly #dims: (value: ValueId) => Dims;
  readonly #valueNames: Names;
  readonly #nodeNames: Names;
  readonly #written = new Map<ValueId, Written>();
  readonly #forms = new Forms();
  readonly #once = new Map<string, string>();
  readonly #deferred = new Map<ValueId, () => string>();
  readonly #full = new Map<ValueId, string>();
  /** Scalars, reshaped to axes of size 1. */
  readonly #scalars = new Map<string, string>();
  readonly #initializers: Initializers;
  readonly #uses: Uses;
  #node: Node | undefined;

  /** @param valueNames already contains the names of inputs and outputs */
  constructor(graph: Graph, dims: (value: ValueId) => Dims, valueNames: Names, nodeNames: Names) {
    this.#graph = graph;
    this.#dims = dims;
    this.#valueNames = valueNames;
    this.#nodeNames = nodeNames;
    this.#initializers = new Initializers(valueNames);
    this.#uses = new Uses(graph);
  }

  get nodes(): readonly OnnxNode[] {
    return this.#nodes;
  }

  /** Weights and constants. */
  get initializers(): readonly OnnxTensor[] {
    return this.#initializers.all;
  }

  /** The names of the initializers that are weights. */
  get weights(): ReadonlySet<string> {
    return this.#initializers.weights;
  }

  /** Starts a node: all nodes emitted until the next call belong to it. */
  begin(node: Node | undefined): void {
    this.#node = node;
  }

  /** Defers a value until its first use; `write` writes it and returns its name. */
  defer(value: ValueId, write: () => string): void {
    this.#deferred.set(value, write);
  }

  // Reading

  /** Returns the value's dims in the graph. */
  dims(value: ValueId): Dims {
    return this.#dims(value);
  }

  /** Returns the value's dims as numbers. @throws UnsupportedOpError if one is known only at run time */
  shape(value: ValueId): readonly number[] {
    const numbers = numbersOf(this.dims(value));
    if (!numbers) throw this.refuse(`needs fixed sizes, but has [${this.dims(value).join(', ')}]`);
    return numbers;
  }

  /** Like `shape`, for images and filters. */
  shape4(value: ValueId): Shape4 {
    return shape4(this.shape(value));
  }

  /** Returns the height and width of images or filters. @throws UnsupportedOpError if one is known only at run time */
  extent(value: ValueId): Pair {
    const [height, width] = numbersOf(this.dims(value).slice(2)) ?? [];
    if (height === undefined || width === undefined) {
      throw this.refuse(`needs a fixed height and width, but has [${this.dims(value).join(', ')}]`);
    }
    return [height, width];
  }

  /** Returns the value as written, for an operator that broadcasts. */
  operand(value: ValueId): Written {
    const written = this.#written.get(value);
    if (written) return written;
    this.set(value, this.#write(value));
    return this.operand(value);
  }

  #write(value: ValueId): string {
    const formed = this.#forms.first(value);
    if (formed) return formed.form.leave(this, formed.name, this.shape(value));
    const write = this.#deferred.get(value);
    if (!write) throw new GraphError(`graph "${this.#graph.name}": %${value} is not written yet`);
    return write();
  }

  /** Returns the name of the value with all its dims. */
  full(value: ValueId): string {
    const { name, dims } = this.operand(value);
    if (sameDims(dims, this.dims(value))) return name;
    const known = this.#full.get(value);
    if (known) return known;
    const expanded = this.emit('Expand', [name, runtimeShape(this, this.#graph, value)]);
    this.#full.set(value, expanded);
    return expanded;
  }

  /** Returns the name of the value in a form. @param needs the kernel's requirement on the padding */
  inForm(value: ValueId, form: Form, needs: Padding): string {
    const known = this.#forms.find(value, form, needs);
    if (known !== undefined) return known;
    const name = form.enter(this, this.full(value), this.shape(value));
    this.#forms.set(value, { form, name, padding: 'zero' });
    return name;
  }

  /** Returns whether the value already exists in this form, so that a kernel that accepts any form can read it. */
  hasForm(value: ValueId, form: Form, needs: Padding = 'any'): boolean {
    return this.#forms.find(value, form, needs) !== undefined;
  }

  /**
   * Derives something from a single value, such as a transposed filter, only once.
   * @param what a key, unique among everything derived from values
   * @param make derives it, given the writer to use and the value in that writer's graph
   */
  once(value: ValueId, what: string, make: (writer: Writer, value: ValueId) => string): string {
    return this.onceHere(value, what, () => make(this, value));
  }

  /**
   * Like `once`, for something that also depends on other values of this graph, and is therefore written in this graph.
   */
  onceHere(value: ValueId, what: string, make: () => string): string {
    const key = `${value} ${what}`;
    const name = this.#once.get(key) ?? make();
    this.#once.set(key, name);
    return name;
  }

  /** Returns the dtype of a value. */
  dtype(value: ValueId): DType {
    return typeOf(this.#graph, value).dtype;
  }

  /** Returns the node that produces a value; undefined for inputs, state and constants. */
  producer(value: ValueId): Node | undefined {
    return this.#uses.producer(value);
  }

  /** Returns the tensor of a constant of the graph; undefined for other values. */
  constantOf(value: ValueId): Tensor | undefined {
    return this.#graph.constants.find((constant) => constant.value === value)?.data;
  }

  /**
   * Returns the only user of a value, if that node reads it once; undefined if there are other uses, or if the value is
   * a result of the graph.
   */
  soleUser(value: ValueId): Node | undefined {
    return this.#uses.soleUser(value);
  }

  // Writing

  /** Writes a node with one result. @param domain '' for an ONNX operator @returns the result's name */
  emit(opType: string, inputs: readonly string[], attrs: OnnxAttrs = {}, domain = ''): string {
    const name = this.#nodeName(opType);
    const output = this.#valueNames.unique(name);
    this.#nodes.push({ name, opType, domain, inputs, outputs: [output], attrs });
    return output;
  }

  /** Writes a node with two results. @returns their names */
  emitTwo(opType: string, inputs: readonly string[], attrs: OnnxAttrs): readonly [string, string] {
    const name = this.#nodeName(opType);
    const outputs = [this.#valueNames.unique(name), this.#valueNames.unique(name)] as const;
    this.#nodes.push({ name, opType, domain: '', inputs, outputs, attrs });
    return outputs;
  }

  /** Writes a node with any number of results. @returns their names */
  emitMany(opType: string, inputs: readonly string[], count: number, attrs: OnnxAttrs): readonly string[] {
    const name = this.#nodeName(opType);
    const outputs = Array.from({ length: count }, () => this.#valueNames.unique(name));
    this.#nodes.push({ name, opType, domain: '', inputs, outputs, attrs });
    return outputs;
  }

  /** Sets the name of a value of the graph. By default it has all its dims. */
  set(value: ValueId, name: string, dims: Dims = this.dims(value)): void {
    this.#written.set(value, { name, dims });
  }

  /** Sets the name of a value in a form, instead of or in addition to the graph's layout. */
  setForm(value: ValueId, form: Form, name: string, padding: Padding): void {
    this.#forms.set(value, { form, name, padding });
  }

  /** Writes an elementwise operator, which broadcasts its operands. Its result may be smaller than in the graph. */
  elementwise(opType: string, operands: ElementwiseOperands, attrs?: OnnxAttrs): void {
    writeElementwise(this, opType, operands, attrs, (operand, result) => this.#operandFor(operand, result));
  }

  /**
   * Returns the name of an operand for a result of these dims. If the last dim is 1, as for a 1x1 filter, ONNX Runtime broadcasts a
   * scalar element by element, about 30 times slower than a value with all axes.
   */
  #operandFor({ name, dims }: Written, result: Dims): string {
    if (dims.length > 0 || result.at(-1) !== 1) return name;
    const key = `${name} on ${result.length} axes`;
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const whole = this.emit('Reshape', [name, this.int64(result.map(() => 1))]);
    this.#scalars.set(key, whole);
    return whole;
  }

  /** Adds a weight: an initializer of this name, even if another has the same data. */
  weight(name: string, data: Tensor): string {
    return this.#initializers.addWeight(onnxTensor(name, data));
  }

  /** Returns the name of a constant, shared by all constants with the same data. */
  constant(data: Tensor): string {
    return this.#initializers.constant(onnxTensor('', data));
  }

  /** Returns the name of an int64 constant: a shape, axes, bounds, indices. */
  int64(values: readonly number[]): string {
    return this.#initializers.constant(int64Tensor('', values));
  }

  /** Adds an input for the random numbers of a randomUniform node. @returns its name */
  uniform({ origin, attrs, inputs: [random] }: NodeOf<'randomUniform'>): string {
    const input = this.#graph.inputs.find(({ value }) => value === random);
    if (!input) throw this.refuse('reads its key and counter from a computed value instead of an input');
    const unique = this.#valueNames.unique(`uniform/${this.#nameOf(origin)}`);
    this.uniforms.push({ name: unique, random: input.name, stream: attrs.stream, shape: attrs.shape });
    return unique;
  }

  /** Renames values in all nodes. */
  rename(names: ReadonlyMap<string, string>): void {
    const renamed = (list: readonly string[]): string[] => list.map((name) => names.get(name) ?? name);
    this.#nodes = this.#nodes.map((node) => ({
      ...node,
      inputs: renamed(node.inputs),
      outputs: renamed(node.outputs),
    }));
  }

  /** Creates the error for an op that cannot be written. */
  refuse(message: string): UnsupportedOpError {
    const where = this.#node ? nodeText(this.#node) : this.#graph.name;
    return new UnsupportedOpError(`${where}: cannot be written as ONNX: it ${message}`);
  }

  #nodeName(opType: string): string {
    return this.#nodeNames.unique(`${this.#nameOf(this.#node?.origin)}/${opType}`);
  }

  /** Returns a human-readable name: the layer's or, outside any layer, the graph's. */
  #nameOf(origin: Origin | undefined): string {
    const text = origin ? originText(origin) : '';
    return text === '' ? this.#graph.name : text;
  }
}
