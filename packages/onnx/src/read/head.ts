// Finds the head of a classifier read from ONNX (its last layer with weights) and replaces it with a head for other
// classes.
import { DataError, sizeOf, streamKey, uniformBlock } from '@isonet/core';
import type { Candidate } from './candidates.ts';
import { candidatesIn, classesOf, storedIn } from './candidates.ts';
import type { FileGraph, FileTensor, OnnxFile } from './file.ts';
import { hostTensor } from './hostTensor.ts';
import type { OnnxNetwork } from './readOnnx.ts';
import { bareNetworkOf } from './readOnnx.ts';

/** The layer that computes the logits. */
export interface Head {
  /** The name of its node: a Gemm, a MatMul, or a Conv with a 1x1 filter. */
  readonly node: string;
  /** The number of features it receives from the body. */
  readonly features: number;
  readonly classes: number;
  /** The names of its weight and, if it has one, its bias. */
  readonly parameters: readonly string[];
}

/** A network with a new head. */
export interface Replaced {
  readonly network: OnnxNetwork;
  readonly head: Head;
}

/**
 * Finds the layer that computes the logits: the named one, or else the last one that has as many outputs as the
 * network.
 * @param name the name of its node, of its weight, or of the module that contains the weight (`classifier`)
 * @throws DataError `ONNX_HEAD` if there is no such layer, listing the last layers with weights
 */
export function findHead(network: OnnxNetwork, name?: string): Head {
  return headOf(candidateOf(network, name));
}

/**
 * Replaces the head with a new one whose weights are zero (Kolesnikov et al. 2020, "Big Transfer", section 3.3). Every
 * class then starts equally probable, and the first step changes only the head. If a ReLU or a similar activation
 * follows the head, as in NiN, zero weights would never change, so they are drawn at random instead, always with the
 * same seed (He et al. 2015). Everything before the head keeps its values. The nodes after it stay, unless they depend
 * on the number of classes.
 * @param classes the number of classes of the new head
 * @param name see {@link findHead}
 * @throws DataError `ONNX_HEAD` if there is no head to replace, or the network would not return `[N, classes]`
 */
export function replaceHead(network: OnnxNetwork, classes: number, name?: string): Replaced {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new DataError('ONNX_HEAD', `${network.name}: expected at least 1 class, got ${classes}`);
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
    `${network.name}: with ${classes} outputs at "${found.node.name}" the network does not return [N, ${classes}]; choose another layer as its head`,
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
  const listed =
    last.length === 0 ? 'no layer has weights' : `the last layers with weights are ${last.join(', ')}`;
  throw new DataError(
    'ONNX_HEAD',
    name === undefined
      ? `${network}: expected a last layer with ${output.shape[0]} outputs to replace, found none; choose the layer to replace: ${listed}`
      : `${network}: no layer with weights is named "${name}"; ${listed}`,
  );
}

/** Operators that pass the gradient of the loss back to a head of zeros: linear ones, and the final activations. */
const PASSES_GRADIENT: ReadonlySet<string> = new Set([
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

/** Returns the operators of all nodes that depend on the result of a head. */
function operatorsAfter({ nodes }: FileGraph, { result }: Candidate): readonly string[] {
  const after = new Set([result]);
  return nodes.flatMap(({ opType, inputs, outputs }) => {
    if (!inputs.some((name) => after.has(name))) return [];
    for (const name of outputs) after.add(name);
    return [opType];
  });
}

/** Draws uniform values with variance 2 / features. */
function drawn(count: number, features: number): Float32Array {
  const bound = Math.sqrt(6 / features);
  return uniformBlock(0, streamKey('onnx/head'), 0, 0, count).map((u) => (u * 2 - 1) * bound);
}

/** Returns the file with new tensors for the head. A tensor that other nodes also read stays in place for them. */
function withParts(file: OnnxFile, head: Candidate, classes: number): OnnxFile {
  const { node: own, weight, bias, result } = head;
  const canBeZero = operatorsAfter(file.graph, head).every((op) => PASSES_GRADIENT.has(op));
  const { features } = headOf(head);
  const renamed = new Map<string, string>();
  const made = [weight, ...(bias ? [bias] : [])].map((slot) => {
    const { tensor, axis, input, inputAxis } = slot;
    const resized = tensor.shape.with(axis, classes);
    const shape = slot.isShared && axis !== inputAxis ? resized.toReversed() : resized;
    const name = slot.isShared ? `${slot.name}.head` : slot.name;
    if (slot.isShared) renamed.set(input, name);
    const size = sizeOf(shape);
    const data = slot === weight && !canBeZero ? drawn(size, features) : new Float32Array(size);
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

/** Returns the file with the new number of classes in the Reshape targets after the head. */
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

/** Replaces the number of classes in a target shape. With more than one axis, the first is the batch and stays. */
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

/** Returns the file truncated after the head's result. */
function cutAfter(file: OnnxFile, { result }: Candidate): OnnxFile {
  const { nodes, outputs } = file.graph;
  const last = nodes.findIndex((node) => node.outputs.includes(result));
  const [output] = outputs;
  if (!output) return file;
  const graph = { ...file.graph, nodes: nodes.slice(0, last + 1), outputs: [{ ...output, name: result }] };
  return { ...file, graph };
}

/** Builds the network. Returns undefined if that fails, or if its output has another shape. */
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
