// The network file for rivals: the nodes of the model in training mode as JSON. A rival has one function per op, and rejects a network
// with an op that it does not support.
import type { Graph, Json, Model, Node, ValueId } from '@isonet/core';
import { DataError, defined, loss, nodeText, stateOf } from '@isonet/core';
import type { Work } from './report.ts';
import { runningStatistics } from './runningStatistics.ts';

/** A network that any library can build. Each value has a number. */
export interface NetworkFile {
  readonly model: string;
  readonly classes: number;
  /** The number of the images, `[N, C, H, W]`. */
  readonly input: number;
  /** The number of the logits, `[N, K]`. */
  readonly output: number;
  /** The parameters and buffers. */
  readonly state: readonly NetworkState[];
  /**
   * The nodes in order. Ops and attributes are those of core, with four differences, so that each node corresponds to what a user of a
   * library would write: `conv2d` has its bias, if any, as the third input; `batchNorm` has the running mean and variance as the fourth
   * and fifth input, and `momentum`, the fraction that a step keeps, as an attribute; `dropout` has one input; and -1 represents the
   * batch in the `shape` of `reshape`.
   */
  readonly nodes: readonly NetworkNode[];
}

/** A parameter or a buffer of a {@link NetworkFile}. */
export interface NetworkState {
  readonly value: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'parameter' | 'buffer';
  /** Whether weight decay applies to it. */
  readonly decays: boolean;
}

/** One application of an op in a {@link NetworkFile}. */
export interface NetworkNode {
  readonly op: string;
  /** The path of its layer, for messages: `nin1.c1`. */
  readonly layer: string;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly attrs: { readonly [key: string]: Json };
}

/**
 * Converts a model to a network file.
 * @param work the kind of work. A forward pass omits additional losses, such as those of GoogLeNet's auxiliary branches; a training step
 * cannot have them
 * @throws DataError `NETWORK` for a model that is not an image classifier, or has parts that a network file cannot represent:
 * constants, ops with several results, layers that share weights, statistics other than those of batch norm
 */
export function networkFile(model: Model, work: Work = 'step'): NetworkFile {
  const fail = (problem: string): DataError => new DataError('NETWORK', `${model.name}: ${problem}`);
  const [classes] = model.output.shape;
  if (classes === undefined || model.output.shape.length !== 1 || model.input.shape.length !== 3) {
    throw fail(
      'expected a model with images [C, H, W] as input and one logit per class as output; rivals support no other task',
    );
  }
  const two = loss(model, 2);
  const input = valueOf(two.inputs, model.input.name);
  const output = valueOf(two.outputs, model.output.name);
  const known = new Map<ValueId, NetworkState>(stateValues(model, two));
  const momentum = runningStatistics(two, fail);
  const three = loss(model, 3);
  const nodes = forwardNodes(two, output).map((node): NetworkNode => {
    const { op, origin } = node;
    const inputs = node.inputs.slice(0, op === 'dropout' ? 1 : undefined);
    if (node.outputs.length > 1 && op !== 'batchNorm') throw fail(`${nodeText(node)} has several results`);
    const constant = two.constants.find(({ value }) => inputs.includes(value));
    if (constant) throw fail(`${nodeText(node)} has a constant input, which no rival supports`);
    const statistics =
      op === 'batchNorm' ? defined(momentum.get(node), `the statistics of ${nodeText(node)}`) : undefined;
    return {
      op,
      layer: origin.layer,
      inputs: [...inputs, ...(statistics ? [statistics.mean, statistics.variance] : [])],
      output: defined(node.outputs[0], `the result of ${nodeText(node)}`),
      attrs: {
        ...node.attrs,
        ...(node.op === 'reshape' ? { shape: withoutBatch(two, three, node) } : {}),
        ...(statistics ? { momentum: statistics.momentum } : {}),
      },
    };
  });
  const joined = withBias(nodes);
  const reads = joined.flatMap(({ inputs }) => inputs);
  const used = new Set(reads);
  const state = [...known.values()].filter(({ value }) => used.has(value));
  const shared = state.find(({ value }) => reads.indexOf(value) !== reads.lastIndexOf(value));
  if (shared) throw fail(`several layers share "${shared.name}", which no rival supports`);
  if (work === 'step') checkOneLoss(known, used, fail);
  return { model: model.name, classes, input, output, state, nodes: joined };
}

function valueOf(named: Graph['inputs'], name: string): ValueId {
  return defined(
    named.find((entry) => entry.name === name),
    `the value "${name}"`,
  ).value;
}

function stateValues(model: Model, graph: Graph): readonly (readonly [ValueId, NetworkState])[] {
  const { parameters, buffers } = stateOf(model);
  const entry = (name: string, shape: readonly number[], rest: Pick<NetworkState, 'kind' | 'decays'>) => {
    const value = valueOf(graph.state, name);
    return [value, { value, name, shape, ...rest }] as const;
  };
  return [
    ...parameters.map(({ name, shape, role }) =>
      entry(name, shape, { kind: 'parameter', decays: role === 'weight' }),
    ),
    ...buffers.map(({ name, shape }) => entry(name, shape, { kind: 'buffer', decays: false })),
  ];
}

/** Returns the nodes that the output depends on, without the random numbers of dropout. */
function forwardNodes(graph: Graph, output: ValueId): readonly Node[] {
  const needed = new Set([output]);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((value) => needed.has(value))) return false;
    for (const value of node.inputs) needed.add(value);
    return node.op !== 'randomUniform';
  });
  return nodes.toReversed();
}

/** Returns the shape of a reshape, with -1 for the dimension that depends on the batch. */
function withoutBatch(two: Graph, three: Graph, node: Node): readonly number[] {
  const result = defined(node.outputs[0], 'the result of reshape');
  const shape = defined(two.values[result], 'the type of a value').shape;
  const other = defined(three.values[result], 'the type of a value').shape;
  return shape.map((dim, i) => (dim === other[i] ? dim : -1));
}

/** Merges each convolution with the bias that is added to its result, if nothing else reads the result. */
function withBias(nodes: readonly NetworkNode[]): readonly NetworkNode[] {
  const readers = new Map<number, number>();
  for (const { inputs } of nodes) {
    for (const value of inputs) readers.set(value, (readers.get(value) ?? 0) + 1);
  }
  const result: NetworkNode[] = [];
  for (const node of nodes) {
    const [x, bias] = node.inputs;
    const at = result.findIndex(
      ({ op, output, inputs }) => op === 'conv2d' && output === x && inputs.length === 2,
    );
    const convolution = result[at];
    if (
      node.op !== 'biasAdd' ||
      bias === undefined ||
      !convolution ||
      readers.get(convolution.output) !== 1
    ) {
      result.push(node);
      continue;
    }
    const { output } = node;
    result[at] = { ...convolution, inputs: [...convolution.inputs, bias], output };
  }
  return result;
}

function checkOneLoss(
  known: ReadonlyMap<ValueId, NetworkState>,
  used: ReadonlySet<number>,
  fail: (problem: string) => DataError,
): void {
  const other = [...known.values()].find(({ value, kind }) => kind === 'parameter' && !used.has(value));
  if (!other) return;
  throw fail(
    `"${other.name}" is trained by an additional loss, which rivals do not support; measure the forward pass`,
  );
}
