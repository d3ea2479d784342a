// A final Softmax or Sigmoid: taken off for training, because losses take logits, and put back when the network is exported.
import type { Shape } from '@isonet/core';
import type { FileNode, OnnxFile } from './file.ts';

/** The activation at the end of a classifier. */
export interface FinalActivation {
  readonly op: 'softmax' | 'sigmoid' | 'logSoftmax';
  /** The file's name of its result. */
  readonly output: string;
}

const ACTIVATIONS: Readonly<Record<string, FinalActivation['op']>> = {
  Softmax: 'softmax',
  Sigmoid: 'sigmoid',
  LogSoftmax: 'logSoftmax',
};

/** A file without the activation before its one output. */
export interface WithoutActivation {
  readonly file: OnnxFile;
  readonly activation: FinalActivation;
  /** Whether the activation, put back over the classes of logits of this shape, gives the numbers of the file. */
  readonly fits: (logits: Shape) => boolean;
}

/** Undefined where the file does not end with an activation. */
export function withoutActivation(file: OnnxFile): WithoutActivation | undefined {
  const [output, ...others] = file.graph.outputs;
  const last = file.graph.nodes.find(({ outputs }) => output && outputs.includes(output.name));
  const op =
    last?.domain === '' && Object.hasOwn(ACTIVATIONS, last.opType) ? ACTIVATIONS[last.opType] : undefined;
  const [logits] = last?.inputs ?? [];
  if (!output || others.length > 0 || !last || !op || logits === undefined) return undefined;
  if (file.graph.nodes.some(({ inputs }) => inputs.includes(output.name))) return undefined;
  const nodes = file.graph.nodes.filter((node) => node !== last);
  const outputs = [{ ...output, name: logits }];
  return {
    file: { ...file, graph: { ...file.graph, nodes, outputs } },
    activation: { op, output: output.name },
    fits: (shape) => op === 'sigmoid' || isOverClasses(last, shape, file.opsets.get('')),
  };
}

/** From here a softmax is by default over the last axis; before, over all from axis 1 on. */
const LAST_BY_DEFAULT = 13;

/** Whether a softmax is over the classes: axis 1 of `[N, K]` and `[N, K, 1, 1]`, the last axis of anything else. */
function isOverClasses({ attributes }: FileNode, shape: Shape, opset: number | undefined): boolean {
  const given = attributes.get('axis');
  const fallback = opset !== undefined && opset < LAST_BY_DEFAULT ? 1 : -1;
  const axis = given?.type === 'int' ? given.value : fallback;
  const isSingle = shape.slice(2).every((size) => size === 1);
  return (axis < 0 ? axis + shape.length : axis) === (isSingle ? 1 : shape.length - 1);
}
