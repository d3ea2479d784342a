// Layers with weights of their own, any of which may be the head of a classifier, and the tensors of the file that those are.
import { defined } from '@isonet/core';
import type { FileGraph, FileNode, FileTensor } from './file.ts';
import { intVector } from './hostTensor.ts';
import { isShared, usesIn } from './uses.ts';

/** ONNX's number. */
const INT64 = 7;

type Uses = ReturnType<typeof usesIn>;

/** A tensor of a head. */
interface Part {
  /** Of its parameter. */
  readonly name: string;
  readonly tensor: FileTensor;
  /** Of the classes. */
  readonly axis: number;
  /** Whether other nodes read it, too. */
  readonly isShared: boolean;
}

/** A part at the input of a node: it may be transposed on the way there. */
export interface Slot extends Part {
  /** The name of the input. */
  readonly input: string;
  readonly inputAxis: number;
}

export interface Candidate {
  readonly node: FileNode;
  readonly weight: Slot;
  readonly bias: Slot | undefined;
  /** The name of its result, with the bias. */
  readonly result: string;
}

/** All of a graph, in the order of its nodes. */
export function candidatesIn(graph: FileGraph): readonly Candidate[] {
  const uses = usesIn(graph);
  return graph.nodes.flatMap((node) => candidate(graph, uses, node) ?? []);
}

/** How many numbers it gives. */
export function classesOf({ weight }: Candidate): number {
  return defined(weight.tensor.shape[weight.axis], 'the classes of a head');
}

/** The node as a head; undefined where it is not a layer with weights of its own. */
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

/** `[O, I]`, or `[O, I, 1, 1]` of a Conv without groups. */
function isMatrix({ opType, attributes }: FileNode, shape: readonly number[]): boolean {
  if (opType !== 'Conv') return shape.length === 2;
  const group = attributes.get('group');
  const single = group === undefined || (group.type === 'int' && group.value === 1);
  return single && shape.length >= 3 && shape.slice(2).every((size) => size === 1);
}

/** The bias that is added to a product in a node of its own. */
function added(graph: FileGraph, uses: Uses, product: string): Pick<Candidate, 'bias' | 'result'> {
  const add = graph.nodes.find(({ opType, inputs }) => opType === 'Add' && inputs.includes(product));
  const other = add?.inputs.find((input) => input !== product);
  const bias = other === undefined ? undefined : slot(graph, uses, other, -1);
  const [sum] = add?.outputs ?? [];
  return bias && sum !== undefined ? { bias, result: sum } : { bias: undefined, result: product };
}

/** @param axis of the classes; -1 is the last */
function slot(graph: FileGraph, uses: Uses, input: string, axis: number): Slot | undefined {
  const found = part(graph, uses, input, axis);
  return found && { ...found, input, inputAxis: axis < 0 ? found.axis : axis };
}

/** The tensor of this name, followed back through transposes and copies. */
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
  // As it is built: a copy of what others read as well is a parameter of its own.
  if (node.opType === 'Identity' && before.name === input && before.isShared) {
    return { ...before, name, isShared: isShared(uses, name) };
  }
  return { ...before, isShared: before.isShared || isShared(uses, name) };
}

/** The tensor of an initializer or a Constant node. */
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
