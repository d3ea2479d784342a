// A final Softmax or Sigmoid: taken off for training, because losses take logits, and put back when the network is exported.
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

/** The file without the activation before its one output, and which that was; as it is, where there is none. */
export function withoutActivation(file: OnnxFile): {
  readonly file: OnnxFile;
  readonly activation: FinalActivation | undefined;
} {
  const [output, ...others] = file.graph.outputs;
  const last = file.graph.nodes.find(({ outputs }) => output && outputs.includes(output.name));
  const op = last && activationOf(last);
  if (!output || others.length > 0 || !last || !op) return { file, activation: undefined };
  const [logits] = last.inputs;
  if (logits === undefined) return { file, activation: undefined };
  const used = file.graph.nodes.some(({ inputs }) => inputs.includes(output.name));
  if (used) return { file, activation: undefined };
  const nodes = file.graph.nodes.filter((node) => node !== last);
  const outputs = [{ ...output, name: logits }];
  return {
    file: { ...file, graph: { ...file.graph, nodes, outputs } },
    activation: { op, output: output.name },
  };
}

/** A softmax over the classes, which are the last axis of `[N, K]`. */
function activationOf({ domain, opType, attributes }: FileNode): FinalActivation['op'] | undefined {
  if (domain !== '' || !Object.hasOwn(ACTIVATIONS, opType)) return undefined;
  const axis = attributes.get('axis');
  if (axis?.type === 'int' && axis.value !== 1 && axis.value !== -1) return undefined;
  return ACTIVATIONS[opType];
}
