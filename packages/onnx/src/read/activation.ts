// Removes a final Softmax or Sigmoid for training, because losses take logits. Export puts it back.
import type { Shape } from '@isonet/core';
import type { FileGraph, FileNode, OnnxFile } from './file.ts';
import { usesIn } from './uses.ts';

/** The activation at the end of a classifier. */
export interface FinalActivation {
  readonly op: 'softmax' | 'sigmoid' | 'logSoftmax';
  /** The name of its result in the file. */
  readonly output: string;
}

const ACTIVATIONS: Readonly<Record<string, FinalActivation['op']>> = {
  Softmax: 'softmax',
  Sigmoid: 'sigmoid',
  LogSoftmax: 'logSoftmax',
};

/** A file whose final activation is removed, and that activation. */
export interface WithoutActivation {
  readonly file: OnnxFile;
  readonly activation: FinalActivation;
  /** Returns whether applying the activation to the class axis of logits of this shape reproduces the file's output. */
  readonly fits: (logits: Shape) => boolean;
}

/** Removes the final activation and any copies of its result. Returns undefined if the file does not end with an activation. */
export function withoutActivation(file: OnnxFile): WithoutActivation | undefined {
  const [output, ...others] = file.graph.outputs;
  const ending = output && others.length === 0 ? endingOf(file.graph, output.name) : undefined;
  const [last] = ending ?? [];
  const op =
    last?.domain === '' && Object.hasOwn(ACTIVATIONS, last.opType) ? ACTIVATIONS[last.opType] : undefined;
  const [logits] = last?.inputs ?? [];
  if (!output || !ending || !last || !op || logits === undefined) return undefined;
  const nodes = file.graph.nodes.filter((node) => !ending.includes(node));
  const outputs = [{ ...output, name: logits }];
  return {
    file: { ...file, graph: { ...file.graph, nodes, outputs } },
    activation: { op, output: output.name },
    fits: (shape) => op === 'sigmoid' || isOverClasses(last, shape, file.opsets.get('')),
  };
}

/** Operators that leave values unchanged. */
const MOVES: ReadonlySet<string> = new Set([
  'Cast',
  'Flatten',
  'Identity',
  'Reshape',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]);

/** Returns the activation whose result, possibly reshaped, is the output of a file; undefined if there is none. */
export function activationInside({ graph }: OnnxFile): FileNode | undefined {
  const producerOf = (name: string | undefined): FileNode | undefined =>
    graph.nodes.find(({ outputs }) => name !== undefined && outputs.includes(name));
  let node = producerOf(graph.outputs[0]?.name);
  while (node && MOVES.has(node.opType)) node = producerOf(node.inputs[0]);
  return node && Object.hasOwn(ACTIVATIONS, node.opType) ? node : undefined;
}

/**
 * Returns the node that computes a value, followed by the Identity nodes that copy its result. Returns undefined if no
 * node computes the value, or if a node reads it.
 */
function endingOf(graph: FileGraph, name: string): readonly FileNode[] | undefined {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (!node || graph.nodes.some(({ inputs }) => inputs.includes(name))) return undefined;
  const copies: FileNode[] = [];
  let first = node;
  while (first.opType === 'Identity') {
    const [from] = first.inputs;
    const before = graph.nodes.find(({ outputs }) => from !== undefined && outputs.includes(from));
    if (!before || usesIn(graph).get(from ?? '') !== 1) break;
    copies.push(first);
    first = before;
  }
  return [first, ...copies];
}

/**
 * From this operator set on, a softmax runs along the last axis by default. In older ones, it runs over all axes from
 * axis 1 on.
 */
const LAST_BY_DEFAULT = 13;

/** Returns whether a softmax runs over the classes: axis 1 of `[N, K]` and `[N, K, 1, 1]`, the last axis of any other shape. */
function isOverClasses({ attributes }: FileNode, shape: Shape, opset: number | undefined): boolean {
  const given = attributes.get('axis');
  const fallback = opset !== undefined && opset < LAST_BY_DEFAULT ? 1 : -1;
  const axis = given?.type === 'int' ? given.value : fallback;
  const isSingle = shape.slice(2).every((size) => size === 1);
  return (axis < 0 ? axis + shape.length : axis) === (isSingle ? 1 : shape.length - 1);
}
