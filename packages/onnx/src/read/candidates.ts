// Finds the layers of a file that can be the head of a classifier, and the tensors of their weights and biases.
import { defined } from '@isonet/core';
import type { FileGraph, FileNode, FileTensor } from './file.ts';
import { intVector } from './hostTensor.ts';
import { isShared, usesIn } from './uses.ts';

/** ONNX's code for the element type. */
const INT64 = 7;

type Uses = ReturnType<typeof usesIn>;

/** A weight or bias tensor of a head. */
interface Part {
  /** The name of its parameter. */
  readonly name: string;
  readonly tensor: FileTensor;
  /** The axis of the classes. */
  readonly axis: number;
  /** Whether other nodes read it as well. */
  readonly isShared: boolean;
}

/** A stored tensor that a node reads as an input, possibly transposed. */
export interface Slot extends Part {
  /** The name of the input. */
  readonly input: string;
  readonly inputAxis: number;
}

export interface Candidate {
  readonly node: FileNode;
  readonly weight: Slot;
  readonly bias: Slot | undefined;
  /** The name of its result, after the bias is added. */
  readonly result: string;
}

/** Returns all candidates in a graph, in the order of its nodes. */
export function candidatesIn(graph: FileGraph): readonly Candidate[] {
  const uses = usesIn(graph);
  return graph.nodes.flatMap((node) => candidate(graph, uses, node) ?? []);
}

/** Returns the number of outputs per sample. */
export function classesOf({ weight }: Candidate): number {
  return defined(weight.tensor.shape[weight.axis], 'the classes of a head');
}

/** Returns the node as a candidate; undefined if it is not a layer with stored weights. */
function candidate(graph: FileGraph, uses: Uses, node: FileNode): Candidate | undefined {
  const [, weightName, biasName] = node.inputs;
  if (node.domain !== '' || weightName === undefined) return undefined;
  const axes: Readonly<Record<string, number>> = { Gemm: isSet(node, 'transB') ? 0 : 1, MatMul: 1, Conv: 0 };
  const axis = Object.hasOwn(axes, node.opType) ? axes[node.opType] : undefined;
  const weight = axis === undefined ? undefined : slot(graph, uses, weightName, axis);
  const [result] = node.outputs;
  if (!weight || result === undefined || !isMatrix(node, weight.tensor.shape)) return undefined;
  const own = biasName === undefined || biasName === '' ? undefined : slot(graph, uses, biasName, -1);
  if (own || node.opType !== 'MatMul') return { node, weight, bias: own, result };
  return { node, weight, ...added(graph, uses, result) };
}

function isSet({ attributes }: FileNode, name: string): boolean {
  const attribute = attributes.get(name);
  return attribute?.type === 'int' && attribute.value !== 0;
}

/** Returns whether a weight is a matrix `[O, I]`, or `[O, I, 1, 1]` for a Conv without groups. */
function isMatrix({ opType, attributes }: FileNode, shape: readonly number[]): boolean {
  if (opType !== 'Conv') return shape.length === 2;
  const group = attributes.get('group');
  const single = group === undefined || (group.type === 'int' && group.value === 1);
  return single && shape.length >= 3 && shape.slice(2).every((size) => size === 1);
}

/** Finds the bias that a separate Add node adds to a product. */
function added(graph: FileGraph, uses: Uses, product: string): Pick<Candidate, 'bias' | 'result'> {
  const add = graph.nodes.find(({ opType, inputs }) => opType === 'Add' && inputs.includes(product));
  const other = add?.inputs.find((input) => input !== product);
  const bias = other === undefined ? undefined : slot(graph, uses, other, -1);
  const [sum] = add?.outputs ?? [];
  return bias && sum !== undefined ? { bias, result: sum } : { bias: undefined, result: product };
}

/** @param axis the axis of the classes; -1 is the last */
function slot(graph: FileGraph, uses: Uses, input: string, axis: number): Slot | undefined {
  const found = part(graph, uses, input, axis);
  return found && { ...found, input, inputAxis: axis < 0 ? found.axis : axis };
}

/** Finds the tensor of this name, following transposes and copies back to it. */
function part(graph: FileGraph, uses: Uses, name: string, axis: number): Part | undefined {
  const tensor = storedIn(graph, name);
  if (tensor) {
    return { name, tensor, axis: axis < 0 ? tensor.shape.length - 1 : axis, isShared: isShared(uses, name) };
  }
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  const [input] = node?.inputs ?? [];
  if (!node || input === undefined) return undefined;
  const from = isTransposed(node) && axis >= 0 ? 1 - axis : isCopied(node) ? axis : undefined;
  const before = from === undefined ? undefined : part(graph, uses, input, from);
  if (!before) return undefined;
  // As in build.ts, a copy of a tensor that other nodes also read is a separate parameter.
  if (node.opType === 'Identity' && before.name === input && before.isShared) {
    return { ...before, name, isShared: isShared(uses, name) };
  }
  return { ...before, isShared: before.isShared || isShared(uses, name) };
}

/** Returns the tensor of an initializer or a Constant node; undefined for any other value. */
export function storedIn(graph: FileGraph, name: string): FileTensor | undefined {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (node?.opType !== 'Constant') return graph.initializers.get(name);
  const [value] = node.attributes.values();
  if (value?.type === 'tensor') return value.value;
  if (value?.type !== 'ints') return undefined;
  const numbers = intVector(value.value);
  return { shape: numbers.shape, elementType: INT64, decode: () => numbers };
}

function isCopied({ opType }: FileNode): boolean {
  return opType === 'Identity' || opType === 'Cast';
}

function isTransposed({ opType, attributes }: FileNode): boolean {
  const perm = attributes.get('perm');
  return (
    opType === 'Transpose' && (perm === undefined || (perm.type === 'ints' && perm.value.join() === '1,0'))
  );
}
