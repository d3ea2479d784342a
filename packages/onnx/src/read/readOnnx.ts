// Reads an ONNX network as a Layer, rebuilt from the file for each batch size, for training or for inference.
import type { Graph, Layer, Model, Scope, Shape, Tensors, Value } from '@isonet/core';
import {
  batchOf,
  DataError,
  dimOf,
  float32,
  GraphBuilder,
  Scope as CoreScope,
  shapeText,
  sizeOf,
} from '@isonet/core';
import type { FinalActivation } from './activation.ts';
import { withoutActivation } from './activation.ts';
import type { BuiltFile } from './build.ts';
import { buildFile } from './build.ts';
import type { ExternalData } from './external.ts';
import { decodeOnnx } from './decode.ts';
import type { FileValue, OnnxFile } from './file.ts';
import { Known } from './operand.ts';
import type { ReadReport } from './report.ts';
import { reportOf } from './report.ts';
import { elementText, kindOf } from './tensors.ts';

/** Options of a network that do not depend on how its file was loaded. */
export interface NetworkOptions {
  /** Sizes that the file leaves open, by the names that it gives them: `{ height: 224, width: 224 }`. The batch stays open. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Initializers to learn even though they are not used as weights: a scale of the features, for example. */
  readonly parameters?: readonly string[];
  /** The name used in messages, run folders and exported files. Default: the name of the graph in the file. */
  readonly name?: string;
}

/** Options of {@link readOnnx}. */
export interface ReadOptions extends NetworkOptions {
  /** The external data files, by the names that the .onnx file gives them. */
  readonly externalData?: ExternalData;
}

/** A network read from an ONNX file: a regular model, plus its file and options. */
export interface OnnxNetwork extends Model {
  /** The file's values for all parameters and buffers, by their names in the file. */
  readonly values: Tensors;
  /** The final activation, removed because losses take logits; undefined if there was none. */
  readonly activation: FinalActivation | undefined;
  /** The file's own metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly report: ReadReport;
  /** The file as plain values, without the final activation. */
  readonly file: OnnxFile;
  /** The options it was read with. */
  readonly options: NetworkOptions;
}

/**
 * Reads a network with one float input `[N, ...]` and one float output `[N, ...]`, of operator set 7 and IR 3 or newer.
 *
 * Initializers used as weights (by Conv, Gemm, MatMul, BatchNormalization and so on) become parameters, and the
 * statistics of BatchNormalization become buffers, all under their names in the file. All other initializers are
 * constants. In training, BatchNormalization uses batch statistics unless its parameters are frozen, and Dropout is
 * active. A final Sigmoid, or Softmax over the classes, is removed; see `activation`.
 * @throws DataError `ONNX` for bytes that are not such a file, naming the problem
 * @throws UnsupportedOpError listing every node that cannot be read, with its operator, operator set and the reason
 */
export function readOnnx(bytes: Uint8Array, { externalData, ...options }: ReadOptions = {}): OnnxNetwork {
  return networkOf(decodeOnnx(bytes, externalData), options);
}

/** Builds the network of a decoded file. @throws as {@link readOnnx} */
function networkOf(whole: OnnxFile, options: NetworkOptions = {}): OnnxNetwork {
  const bare = withoutActivation(whole);
  const made = bare && assembled(bare.file, bare.activation, options);
  const { network } = made && bare.fits(made.logits) ? made : assembled(whole, undefined, options);
  const unknown = options.parameters?.find((parameter) => !Object.hasOwn(network.values, parameter));
  if (unknown === undefined) return network;
  throw new DataError(
    'ONNX',
    `parameters: expected names of float initializers that a node reads, got "${unknown}"`,
  );
}

/**
 * Builds the network of a file whose final activation, if any, is already removed.
 * @throws as {@link readOnnx}
 */
export function bareNetworkOf(
  file: OnnxFile,
  activation: FinalActivation | undefined,
  options: NetworkOptions,
): OnnxNetwork {
  return assembled(file, activation, options).network;
}

/** @returns the network, and the shape that the file's own output has for two samples */
function assembled(
  file: OnnxFile,
  activation: FinalActivation | undefined,
  options: NetworkOptions,
): { readonly network: OnnxNetwork; readonly logits: Shape } {
  const { dims = {}, parameters = [], name = file.graph.name === '' ? 'network' : file.graph.name } = options;
  const input = onlyOne('input', file.graph.inputs);
  const output = onlyOne('output', file.graph.outputs);
  const { declared, shape } = sampleOf(input, dims);
  const notes = new Set<string>();
  const build = (scope: Scope, x: Value): { readonly built: BuiltFile; readonly logits: Value } => {
    const bound = dimOf(x.shape, 0);
    const built = buildFile(file, {
      scope,
      batch: { declared, bound },
      learned: parameters,
      inputs: new Map([[input.name, x]]),
      note: (text) => notes.add(text),
    });
    return { built, logits: batchedOutput(built, output.name, bound) };
  };
  const layer: Layer = (scope, x) => withoutPixels(scope, build(scope, x).logits);
  // Building for two samples immediately reveals a file that was exported for a single one.
  const b = new GraphBuilder(name);
  const scope = CoreScope.root(b, { training: false });
  const { built, logits } = build(scope, b.input(input.name, { dtype: 'float32', shape: [2, ...shape] }));
  const y = withoutPixels(scope, logits);
  b.output(output.name, y);
  if (declared !== undefined) checkApart(b.build(), input.name, declared);
  const values = [...built.values].map(
    ([key, tensor]) => [key, float32(tensor.shape, Float32Array.from(tensor.data))] as const,
  );
  const network: OnnxNetwork = {
    name,
    layer,
    activation,
    file,
    options,
    input: { name: input.name, shape },
    output: { name: output.name, shape: y.shape.slice(1) },
    values: Object.fromEntries(values),
    metadata: Object.fromEntries(file.metadata),
    report: reportOf(file, activation, [...notes]),
  };
  return { network, logits: logits.shape };
}

/**
 * Checks that no node mixes samples. In a file exported for a fixed batch size, only this check shows whether a
 * hard-coded axis or index refers to the batch. Batch norm may mix samples: in inference, it does so only if the file
 * requests batch statistics.
 * @throws DataError `ONNX` if a node mixes samples
 */
function checkApart(graph: Graph, input: string, declared: number): void {
  const coupling = batchOf(graph, { [input]: 0 });
  const mixing = graph.nodes.find(({ outputs }) => outputs.some((value) => coupling(value) === 'summed'));
  if (!mixing || mixing.op === 'batchNorm') return;
  throw new DataError(
    'ONNX',
    `input "${input}": the file was exported for ${declared} ${declared === 1 ? 'sample' : 'samples'} at a time, and ` +
      `node "${mixing.origin.layer}" would mix the samples of a larger batch; export it with a dynamic batch`,
  );
}

function onlyOne(what: 'input' | 'output', values: readonly FileValue[]): FileValue {
  const [first] = values;
  if (first && values.length === 1) return first;
  const names = values.map(({ name }) => `"${name}"`).join(', ');
  throw new DataError(
    'ONNX',
    `expected a network with one ${what}, got ${values.length === 0 ? 'none' : names}; ` +
      `extract one with onnx.utils.extract_model, or read the file with readGraph`,
  );
}

/** Returns the shape of one sample, and the batch size that the file was exported for, if it was fixed. */
function sampleOf(
  { name, elementType, dims }: FileValue,
  sizes: Readonly<Record<string, number>>,
): { readonly declared: number | undefined; readonly shape: Shape } {
  const fail = (problem: string): DataError => new DataError('ONNX', `input "${name}": ${problem}`);
  if (kindOf(elementType) !== 'float') throw fail(`expected floats, got ${elementText(elementType)}`);
  const [batch, ...sample] = dims ?? [];
  if (batch === undefined) throw fail('expected a shape [N, ...], got none');
  const shape = sample.map((dim, i) => {
    // Some exporters write -1 for an open size.
    const open = typeof dim === 'number' || dim === '' ? `${i + 1}` : dim;
    const size = typeof dim === 'number' && dim > 0 ? dim : sizes[open];
    if (size !== undefined && Number.isInteger(size) && size > 0) return size;
    throw fail(`the file leaves the size of axis ${i + 1} open; set it with dims: { '${open}': 224 }`);
  });
  if (sizeOf(shape) > 2 ** 31) throw fail(`expected at most 2^31 values per sample, got ${shapeText(shape)}`);
  return { declared: typeof batch === 'number' && batch > 0 ? batch : undefined, shape };
}

/** Returns the output, checked to have the batch as its first axis. */
function batchedOutput({ outputs }: BuiltFile, name: string, batch: number): Value {
  const output = outputs.get(name);
  const fail = (problem: string): DataError => new DataError('ONNX', `output "${name}": ${problem}`);
  if (output === undefined || output instanceof Known)
    throw fail('expected an output that depends on the input');
  if (output.dtype !== 'float32') throw fail(`expected floats, got ${output.dtype}`);
  if (output.shape[0] !== batch) {
    throw fail(
      `expected [N, ...] for every N, got ${shapeText(output.shape)} for ${batch} samples; export it with a dynamic batch`,
    );
  }
  return output;
}

/** Removes pixel axes of size 1: `[N, K, 1, 1] -> [N, K]`. */
function withoutPixels({ op }: Scope, output: Value): Value {
  const [batch, classes, ...pixels] = output.shape;
  const single =
    batch !== undefined && classes !== undefined && pixels.length > 0 && pixels.every((size) => size === 1);
  return single ? op.reshape(output, { shape: [batch, classes] }) : output;
}
