// The target that kernels write into: a kernel asks for the names of its operands, emits ONNX nodes, and names its result.
//
// A value may be written smaller than the graph has it: where it only repeats itself, ONNX's operators repeat it on their
// own. `operand` gives what is there, `full` writes the repetition out (Expand) where it is needed. A value may also be
// written in another layout (forms.ts): `inForm` gives that one, made from the graph's own where it is not there yet.
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
import { shapeAtRun } from './shapeAtRun.ts';
import { Uses } from './uses.ts';

/** Kernels get a node's values by id, ask the writer how those are written, and tell it how the results are. */
export interface OnnxKernelTypes {
  readonly input: ValueId;
  readonly output: ValueId;
  readonly context: Writer;
  readonly result: void;
}

/** How one op is written. */
export type OnnxKernel<K extends OpName> = Kernel<K, OnnxKernelTypes>;

/** How each op is written. */
export type OnnxKernels = Kernels<OnnxKernelTypes>;

/** What kernels write into: they read operands from it and write nodes and results to it. */
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
  /** Scalars with axes of size 1. */
  readonly #scalars = new Map<string, string>();
  readonly #initializers: Initializers;
  readonly #uses: Uses;
  #node: Node | undefined;

  /** @param valueNames those of inputs and outputs are taken already */
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

  /** The names of those initializers that are weights. */
  get weights(): ReadonlySet<string> {
    return this.#initializers.weights;
  }

  /** What is emitted from here on belongs to this node, or to none. */
  begin(node: Node | undefined): void {
    this.#node = node;
  }

  /** A value that is written when it is first used; `write` gives its name. */
  defer(value: ValueId, write: () => string): void {
    this.#deferred.set(value, write);
  }

  // Reading

  /** The value's dims in the graph. */
  dims(value: ValueId): Dims {
    return this.#dims(value);
  }

  /** The value's dims as numbers. @throws UnsupportedOpError when one is known only when the model runs */
  shape(value: ValueId): readonly number[] {
    const numbers = numbersOf(this.dims(value));
    if (!numbers) throw this.refuse(`needs fixed sizes, and has [${this.dims(value).join(', ')}]`);
    return numbers;
  }

  /** The same of images and filters. */
  shape4(value: ValueId): Shape4 {
    return shape4(this.shape(value));
  }

  /** The height and the width of images or filters. @throws UnsupportedOpError when one is known only when the model runs */
  extent(value: ValueId): Pair {
    const [height, width] = numbersOf(this.dims(value).slice(2)) ?? [];
    if (height === undefined || width === undefined) {
      throw this.refuse(`needs a fixed height and width, and has [${this.dims(value).join(', ')}]`);
    }
    return [height, width];
  }

  /** The value as it is written, for an operator that broadcasts. */
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

  /** The name of the value with all its dims. */
  full(value: ValueId): string {
    const { name, dims } = this.operand(value);
    if (sameDims(dims, this.dims(value))) return name;
    const known = this.#full.get(value);
    if (known) return known;
    const expanded = this.emit('Expand', [name, shapeAtRun(this, this.#graph, value)]);
    this.#full.set(value, expanded);
    return expanded;
  }

  /** The name of the value in a form. @param needs what the kernel needs of its padding */
  inForm(value: ValueId, form: Form, needs: Padding): string {
    const known = this.#forms.find(value, form, needs);
    if (known !== undefined) return known;
    const name = form.enter(this, this.full(value), this.shape(value));
    this.#forms.set(value, { form, name, padding: 'zero' });
    return name;
  }

  /** True where the value is in this form already, so that a kernel that takes any form reads it there. */
  hasForm(value: ValueId, form: Form, needs: Padding = 'any'): boolean {
    return this.#forms.find(value, form, needs) !== undefined;
  }

  /**
   * What is made of a value alone, once: a filter in another order, say.
   * @param what unique among all that is made of values
   * @param make is given the writer to make it with and the value there
   */
  once(value: ValueId, what: string, make: (writer: Writer, value: ValueId) => string): string {
    return this.onceHere(value, what, () => make(this, value));
  }

  /** The same for what depends on other values of this graph, too: it is made in this graph. */
  onceHere(value: ValueId, what: string, make: () => string): string {
    const key = `${value} ${what}`;
    const name = this.#once.get(key) ?? make();
    this.#once.set(key, name);
    return name;
  }

  /** The element type of a value. */
  dtype(value: ValueId): DType {
    return typeOf(this.#graph, value).dtype;
  }

  /** The node that makes a value; absent for inputs, state and constants. */
  producer(value: ValueId): Node | undefined {
    return this.#uses.producer(value);
  }

  /** The numbers of a constant of the graph; absent for other values. */
  constantOf(value: ValueId): Tensor | undefined {
    return this.#graph.constants.find((constant) => constant.value === value)?.data;
  }

  /** The one node that uses a value, once; absent when there are others, or the value is a result of the graph. */
  soleUser(value: ValueId): Node | undefined {
    return this.#uses.soleUser(value);
  }

  // Writing

  /** A node with one result. @param domain of an operator that is not ONNX's own. @returns the result's name */
  emit(opType: string, inputs: readonly string[], attrs: OnnxAttrs = {}, domain = ''): string {
    const name = this.#nodeName(opType);
    const output = this.#valueNames.unique(name);
    this.#nodes.push({ name, opType, domain, inputs, outputs: [output], attrs });
    return output;
  }

  /** A node with two results. @returns their names */
  emitTwo(opType: string, inputs: readonly string[], attrs: OnnxAttrs): readonly [string, string] {
    const name = this.#nodeName(opType);
    const outputs = [this.#valueNames.unique(name), this.#valueNames.unique(name)] as const;
    this.#nodes.push({ name, opType, domain: '', inputs, outputs, attrs });
    return outputs;
  }

  /** A node with any number of results. @returns their names */
  emitMany(opType: string, inputs: readonly string[], count: number, attrs: OnnxAttrs): readonly string[] {
    const name = this.#nodeName(opType);
    const outputs = Array.from({ length: count }, () => this.#valueNames.unique(name));
    this.#nodes.push({ name, opType, domain: '', inputs, outputs, attrs });
    return outputs;
  }

  /** Says what a value of the graph is called; by default it has all its dims. */
  set(value: ValueId, name: string, dims: Dims = this.dims(value)): void {
    this.#written.set(value, { name, dims });
  }

  /** Says what a value is called in a form, in place of or besides the graph's own layout. */
  setForm(value: ValueId, form: Form, name: string, padding: Padding): void {
    this.#forms.set(value, { form, name, padding });
  }

  /** The same operator in ONNX, elementwise: operands are repeated by it, and its result may be smaller than the graph's. */
  elementwise(opType: string, operands: ElementwiseOperands, attrs?: OnnxAttrs): void {
    writeElementwise(this, opType, operands, attrs, (operand, result) => this.#beside(operand, result));
  }

  /**
   * An operand beside a result of these dims. Where the last of them is 1, as of a filter of one pixel, ONNX Runtime repeats a
   * scalar number by number, some 30 times slower than one that has all axes.
   */
  #beside({ name, dims }: Written, result: Dims): string {
    if (dims.length > 0 || result.at(-1) !== 1) return name;
    const key = `${name} on ${result.length} axes`;
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const whole = this.emit('Reshape', [name, this.int64(result.map(() => 1))]);
    this.#scalars.set(key, whole);
    return whole;
  }

  /** A weight: an initializer of this name, which is its own even where its data are another's. */
  weight(name: string, data: Tensor): string {
    return this.#initializers.addWeight(onnxTensor(name, data));
  }

  /** A constant; the same data twice is one. */
  constant(data: Tensor): string {
    return this.#initializers.constant(onnxTensor('', data));
  }

  /** An int64 constant: a shape, axes, bounds, indices. */
  int64(values: readonly number[]): string {
    return this.#initializers.constant(int64Tensor('', values));
  }

  /** The input that takes a randomUniform node's numbers. */
  uniform({ origin, attrs, inputs: [random] }: NodeOf<'randomUniform'>): string {
    const input = this.#graph.inputs.find(({ value }) => value === random);
    if (!input) throw this.refuse('takes its key and counter from a computed value, not from an input');
    const unique = this.#valueNames.unique(`uniform/${this.#nameOf(origin)}`);
    this.uniforms.push({ name: unique, random: input.name, stream: attrs.stream, shape: attrs.shape });
    return unique;
  }

  /** Calls values by other names, wherever they stand. */
  rename(names: ReadonlyMap<string, string>): void {
    const renamed = (list: readonly string[]): string[] => list.map((name) => names.get(name) ?? name);
    this.#nodes = this.#nodes.map((node) => ({
      ...node,
      inputs: renamed(node.inputs),
      outputs: renamed(node.outputs),
    }));
  }

  /** The error of an op that cannot be written. */
  refuse(message: string): UnsupportedOpError {
    const where = this.#node ? nodeText(this.#node) : this.#graph.name;
    return new UnsupportedOpError(`${where}: cannot be written as ONNX: it ${message}`);
  }

  #nodeName(opType: string): string {
    return this.#nodeNames.unique(`${this.#nameOf(this.#node?.origin)}/${opType}`);
  }

  /** Names are for people: the layer's or, outside of any, the graph's. */
  #nameOf(origin: Origin | undefined): string {
    const text = origin ? originText(origin) : '';
    return text === '' ? this.#graph.name : text;
  }
}
