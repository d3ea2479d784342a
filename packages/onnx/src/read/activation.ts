// A final Softmax or Sigmoid: taken off for training, because losses take logits, and put back when the network is exported.
import type { FileNode, OnnxFile } from './file.ts';

/** The activation at the end of a classifier. */
export type FinalActivation = 'softmax' | 'sigmoid' | 'logSoftmax';

const ACTIVATIONS: Readonly<Record<string, FinalActivation>> = {
  Softmax: 'softmax',
  Sigmoid: 'sigmoid',
  LogSoftmax: 'logSoftmax',
};

/** The file without the activation before its one output, and which that was. */
export function withoutActivation(file: OnnxFile): {
  readonly file: OnnxFile;
  readonly activation: FinalActivation | undefined;
} {
  const [output, ...others] = file.graph.outputs;
  const last = file.graph.nodes.find(({ outputs }) => output && outputs.includes(output.name));
  const activation = last && activationOf(last);
  if (!output || others.length > 0 || !last || !activation) return { file, activation: undefined };
  const [logits] = last.inputs;
  if (logits === undefined) return { file, activation: undefined };
  const used = file.graph.nodes.some(({ inputs }) => inputs.includes(output.name));
  if (used) return { file, activation: undefined };
  const nodes = file.graph.nodes.filter((node) => node !== last);
  const outputs = [{ ...output, name: logits }];
  return { file: { ...file, graph: { ...file.graph, nodes, outputs } }, activation };
}

/** A softmax over the classes, which are the last axis of `[N, K]`. */
function activationOf({ domain, opType, attributes }: FileNode): FinalActivation | undefined {
  if (domain !== '' || !Object.hasOwn(ACTIVATIONS, opType)) return undefined;
  const axis = attributes.get('axis');
  if (axis?.type === 'int' && axis.value !== 1 && axis.value !== -1) return undefined;
  return ACTIVATIONS[opType];
}
