// The head of a classifier that was read from ONNX, its last layer with weights, and another one in its place: for other classes.
import { DataError, sizeOf, streamKey, uniformBlock } from '@isonet/core';
import type { Candidate } from './candidates.ts';
import { candidatesIn, classesOf, storedIn } from './candidates.ts';
import type { FileGraph, FileTensor, OnnxFile } from './file.ts';
import { hostTensor } from './hostTensor.ts';
import type { OnnxNetwork } from './readOnnx.ts';
import { bareNetworkOf } from './readOnnx.ts';

/** The layer that gives the logits. */
export interface Head {
  /** The name of its node: a Gemm, a MatMul, or a Conv with a 1x1 filter. */
  readonly node: string;
  /** How many numbers it takes from the body. */
  readonly features: number;
  readonly classes: number;
  /** Its weight and, where there is one, its bias. */
  readonly parameters: readonly string[];
}

/** A network with a new head. */
export interface Replaced {
  readonly network: OnnxNetwork;
  readonly head: Head;
}

/**
 * Finds the layer that gives the logits: the last one whose number of outputs is the network's, or the one that is named.
 * @param name of its node, of its weight, or of the module that the weight is in (`classifier`)
 * @throws DataError `ONNX_HEAD` when there is none, listing the last layers with weights
 */
export function findHead(network: OnnxNetwork, name?: string): Head {
  return headOf(candidateOf(network, name));
}

/**
 * Puts another head in the place of the one there is, with zeros as weights (Kolesnikov et al. 2020, "Big Transfer", section 3.3):
 * the first step then moves the head alone, and every class starts equally probable. Behind a head whose result goes through something
 * like a ReLU, as NiN's does, zeros would never move: its weights are drawn instead, the same ones always (He et al. 2015).
 * Everything before it keeps its values. What comes after it stays, unless it depends on the number of classes.
 * @param classes of the new head
 * @param name see {@link findHead}
 * @throws DataError `ONNX_HEAD` when there is no head to replace, or the network does not give `[N, classes]` then
 */
export function replaceHead(network: OnnxNetwork, classes: number, name?: string): Replaced {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new DataError(
      'ONNX_HEAD',
      `${network.name}: expected a number of classes of at least 1, got ${classes}`,
    );
  }
  const found = candidateOf(network, name);
  const { file } = network;
  const before = classesOf(found);
  const replaced = withParts(file, found, classes);
  for (const changed of [withTail(replaced, found, before, classes), cutAfter(replaced, found)]) {
    const made = attempt(changed, network, classes);
    if (made) return { network: made, head: findHead(made, found.node.name) };
  }
  throw new DataError(
    'ONNX_HEAD',
    `${network.name}: with ${classes} outputs at "${found.node.name}" the network does not give [N, ${classes}]; name another layer as its head`,
  );
}

function headOf(found: Candidate): Head {
  const { node, weight, bias } = found;
  const classes = classesOf(found);
  return {
    node: node.name,
    features: sizeOf(weight.tensor.shape) / classes,
    classes,
    parameters: [weight.name, ...(bias ? [bias.name] : [])],
  };
}

function candidateOf({ name: network, file, output }: OnnxNetwork, name: string | undefined): Candidate {
  const all = candidatesIn(file.graph);
  const fits = ({ node, weight }: Candidate): boolean =>
    node.name === name || weight.name === name || weight.name.startsWith(`${name}.`);
  const found = all.findLast((one) => (name === undefined ? classesOf(one) === output.shape[0] : fits(one)));
  if (found) return found;
  const last = all.slice(-5).map(({ node, weight }) => `"${node.name}" (${weight.name})`);
  const listed = last.length === 0 ? 'it has none' : `its last ones are ${last.join(', ')}`;
  throw new DataError(
    'ONNX_HEAD',
    name === undefined
      ? `${network}: expected a last layer with ${output.shape[0]} outputs to replace, found none; name it: of the layers with weights, ${listed}`
      : `${network}: no layer with weights is called "${name}"; ${listed}`,
  );
}

/** What comes after a head that is 0 lets the gradient of the loss through: it is linear, or the softmax itself. */
const LET_THROUGH: ReadonlySet<string> = new Set([
  'Add',
  'AveragePool',
  'Cast',
  'Dropout',
  'Flatten',
  'GlobalAveragePool',
  'Identity',
  'LogSoftmax',
  'ReduceMean',
  'ReduceSum',
  'Reshape',
  'Sigmoid',
  'Softmax',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]);

/** The operators of the nodes that the result of a head reaches. */
function operatorsAfter({ nodes }: FileGraph, { result }: Candidate): readonly string[] {
  const after = new Set([result]);
  return nodes.flatMap(({ opType, inputs, outputs }) => {
    if (!inputs.some((name) => after.has(name))) return [];
    for (const name of outputs) after.add(name);
    return [opType];
  });
}

/** Uniform, of variance 2 / features. */
function drawn(count: number, features: number): Float32Array {
  const bound = Math.sqrt(6 / features);
  return uniformBlock(0, streamKey('onnx/head'), 0, 0, count).map((u) => (u * 2 - 1) * bound);
}

/** The file with new tensors of the new shapes as the head's. What other nodes read, too, stays for them. */
function withParts(file: OnnxFile, head: Candidate, classes: number): OnnxFile {
  const { node: own, weight, bias, result } = head;
  const stays = operatorsAfter(file.graph, head).every((op) => LET_THROUGH.has(op));
  const { features } = headOf(head);
  const renamed = new Map<string, string>();
  const made = [weight, ...(bias ? [bias] : [])].map((slot) => {
    const { tensor, axis, input, inputAxis } = slot;
    const resized = tensor.shape.with(axis, classes);
    const shape = slot.isShared && axis !== inputAxis ? resized.toReversed() : resized;
    const name = slot.isShared ? `${slot.name}.head` : slot.name;
    if (slot.isShared) renamed.set(input, name);
    const size = sizeOf(shape);
    const data = slot === weight && !stays ? drawn(size, features) : new Float32Array(size);
    const values = hostTensor('float', shape, data);
    return [name, { shape, elementType: 1, decode: () => values }] as const;
  });
  const names = new Set<string>(made.map(([name]) => name));
  const nodes = file.graph.nodes
    .filter(({ outputs }) => !outputs.some((name) => names.has(name)))
    .map((node) =>
      node.name === own.name || node.outputs.includes(result)
        ? { ...node, inputs: node.inputs.map((name) => renamed.get(name) ?? name) }
        : node,
    );
  const initializers = new Map([...file.graph.initializers, ...made]);
  return { ...file, graph: { ...file.graph, nodes, initializers } };
}

/** Shapes behind the head that have the number of classes written out get the new one. */
function withTail(file: OnnxFile, { result }: Candidate, before: number, classes: number): OnnxFile {
  const { nodes, initializers } = file.graph;
  const after = new Set([result]);
  const targets = new Map<string, FileTensor>();
  for (const { opType, inputs, outputs } of nodes) {
    if (!inputs.some((name) => after.has(name))) continue;
    outputs.forEach((name) => after.add(name));
    const [, name] = inputs;
    const shape = opType === 'Reshape' && name !== undefined ? storedIn(file.graph, name) : undefined;
    if (shape && name !== undefined) targets.set(name, withDim(shape, before, classes));
  }
  const others = nodes.filter(({ outputs }) => !outputs.some((name) => targets.has(name)));
  const graph = { ...file.graph, nodes: others, initializers: new Map([...initializers, ...targets]) };
  return { ...file, graph };
}

/** The first axis of several is the batch, whatever it is. */
function withDim(shape: FileTensor, before: number, after: number): FileTensor {
  const decode: FileTensor['decode'] = () => {
    const { kind, shape: own, data } = shape.decode();
    const isClasses = (dim: number, axis: number): boolean =>
      dim === before && (axis > 0 || data.length === 1);
    return hostTensor(
      kind,
      own,
      Array.from(data, (dim, axis) => (isClasses(dim, axis) ? after : dim)),
    );
  };
  return { ...shape, decode };
}

/** The file up to the head's result. */
function cutAfter(file: OnnxFile, { result }: Candidate): OnnxFile {
  const { nodes, outputs } = file.graph;
  const last = nodes.findIndex((node) => node.outputs.includes(result));
  const [output] = outputs;
  if (!output) return file;
  const graph = { ...file.graph, nodes: nodes.slice(0, last + 1), outputs: [{ ...output, name: result }] };
  return { ...file, graph };
}

/** Undefined where the network cannot be built, or gives another shape. */
function attempt(
  file: OnnxFile,
  { name, activation, options }: OnnxNetwork,
  classes: number,
): OnnxNetwork | undefined {
  try {
    const network = bareNetworkOf(file, activation, { ...options, name });
    const { shape } = network.output;
    return shape.length === 1 && shape[0] === classes ? network : undefined;
  } catch (error) {
    if (error instanceof DataError || isShapeProblem(error)) return undefined;
    throw error;
  }
}

function isShapeProblem(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ShapeError' || error.name === 'UnsupportedOpError');
}
