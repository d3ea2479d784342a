// An ONNX network as a Layer: built anew from the file for each batch size, for training or for inference.
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

/** Options of a network, however its file came. */
export interface NetworkOptions {
  /** Sizes that the file leaves open, by the names that it gives them: `{ height: 224, width: 224 }`. The batch stays open. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Initializers that are learned though they are in no slot for weights: a scale of the features, say. */
  readonly parameters?: readonly string[];
  /** For messages, run folders and exported files. Default: the name that the file gives its graph. */
  readonly name?: string;
}

/** Options of {@link readOnnx}. */
export interface ReadOptions extends NetworkOptions {
  /** The files beside the .onnx file that hold its larger tensors, by the names that it gives them. */
  readonly externalData?: ExternalData;
}

/** A network of an ONNX file: a model like any other, and what it was read with. */
export interface OnnxNetwork extends Model {
  /** The file's numbers for all parameters and buffers, by the file's own names. */
  readonly values: Tensors;
  /** The activation that was taken off the end, because losses take logits; undefined where there was none. */
  readonly activation: FinalActivation | undefined;
  /** The file's own metadata. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly report: ReadReport;
  /** The file as plain values, without that activation. */
  readonly file: OnnxFile;
  /** What it was read with. */
  readonly options: NetworkOptions;
}

/**
 * Reads a network of one float input `[N, ...]` and one float output `[N, ...]`, operator set 7 and IR 3 or newer.
 *
 * Initializers in slots for weights (of Conv, Gemm, MatMul, BatchNormalization and so on) are parameters, BatchNormalization's
 * statistics are buffers, under the file's names; all others are constants. In training BatchNormalization uses the batch unless
 * its parameters are frozen, and Dropout drops. A final Sigmoid, or Softmax over the classes, is taken off, see `activation`.
 * @throws DataError `ONNX` for bytes that are no such file, naming what is wrong
 * @throws UnsupportedOpError listing every node that cannot be read, with its operator, operator set and why
 */
export function readOnnx(bytes: Uint8Array, { externalData, ...options }: ReadOptions = {}): OnnxNetwork {
  return networkOf(decodeOnnx(bytes, externalData), options);
}

/** The network of a decoded file. @throws as {@link readOnnx} */
function networkOf(whole: OnnxFile, options: NetworkOptions = {}): OnnxNetwork {
  const bare = withoutActivation(whole);
  const made = bare && assembled(bare.file, bare.activation, options);
  const { network } = made && bare.fits(made.logits) ? made : assembled(whole, undefined, options);
  const unknown = options.parameters?.find((parameter) => !Object.hasOwn(network.values, parameter));
  if (unknown === undefined) return network;
  throw new DataError(
    'ONNX',
    `parameters: expected names of float initializers that nodes read, got "${unknown}"`,
  );
}

/**
 * The network of a file that has lost its final activation, if it had one.
 * @throws as {@link readOnnx}
 */
export function bareNetworkOf(
  file: OnnxFile,
  activation: FinalActivation | undefined,
  options: NetworkOptions,
): OnnxNetwork {
  return assembled(file, activation, options).network;
}

/** @returns the network, and the shape of its output as the file has it, for two samples */
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
  // Two images show at once what was exported for one alone.
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
 * Checks that no node mixes images. Of a file that was exported for a fixed number of images only that tells whether an axis or an
 * index that it has written out means the batch. Batch norm may mix them: the file asks for it.
 * @throws DataError `ONNX`
 */
function checkApart(graph: Graph, input: string, declared: number): void {
  const coupling = batchOf(graph, { [input]: 0 });
  const mixing = graph.nodes.find(({ outputs }) => outputs.some((value) => coupling(value) === 'summed'));
  if (!mixing || mixing.op === 'batchNorm') return;
  throw new DataError(
    'ONNX',
    `input "${input}": the file was exported for ${declared} ${declared === 1 ? 'sample' : 'samples'} at a time, and ` +
      `node "${mixing.origin.layer}" would mix those of a larger batch; export it with a dynamic batch`,
  );
}

function onlyOne(what: 'input' | 'output', values: readonly FileValue[]): FileValue {
  const [first] = values;
  if (first && values.length === 1) return first;
  const names = values.map(({ name }) => `"${name}"`).join(', ');
  throw new DataError(
    'ONNX',
    `expected a network of one ${what}, got ${values.length === 0 ? 'none' : names}; ` +
      `cut it to one, as onnx.utils.extract_model does, or read it with readGraph`,
  );
}

/** The shape of one sample, and the number of samples that the file was exported for, if it names one. */
function sampleOf(
  { name, elementType, dims }: FileValue,
  sizes: Readonly<Record<string, number>>,
): { readonly declared: number | undefined; readonly shape: Shape } {
  const fail = (problem: string): DataError => new DataError('ONNX', `input "${name}": ${problem}`);
  if (kindOf(elementType) !== 'float') throw fail(`expected floats, got ${elementText(elementType)}`);
  const [batch, ...sample] = dims ?? [];
  if (batch === undefined) throw fail('expected a shape [N, ...], got none');
  const shape = sample.map((dim, i) => {
    // Some exporters write -1 where they leave a size open.
    const open = typeof dim === 'number' || dim === '' ? `${i + 1}` : dim;
    const size = typeof dim === 'number' && dim > 0 ? dim : sizes[open];
    if (size !== undefined && Number.isInteger(size) && size > 0) return size;
    throw fail(
      `expected the size of its axis ${i + 1}, which the file leaves open; give it as dims: { '${open}': 224 }`,
    );
  });
  if (sizeOf(shape) > 2 ** 31) throw fail(`expected at most 2^31 values a sample, got ${shapeText(shape)}`);
  return { declared: typeof batch === 'number' && batch > 0 ? batch : undefined, shape };
}

/** The output, which has the batch as its first axis. */
function batchedOutput({ outputs }: BuiltFile, name: string, batch: number): Value {
  const output = outputs.get(name);
  const fail = (problem: string): DataError => new DataError('ONNX', `output "${name}": ${problem}`);
  if (output === undefined || output instanceof Known) throw fail('expected one that depends on the input');
  if (output.dtype !== 'float32') throw fail(`expected floats, got ${output.dtype}`);
  if (output.shape[0] !== batch) {
    throw fail(
      `expected [N, ...] for every N, got ${shapeText(output.shape)} for ${batch} samples; export it with a dynamic batch`,
    );
  }
  return output;
}

/** Pixels that are one pixel are left out: `[N, K, 1, 1] -> [N, K]`. */
function withoutPixels({ op }: Scope, output: Value): Value {
  const [batch, classes, ...pixels] = output.shape;
  const single =
    batch !== undefined && classes !== undefined && pixels.length > 0 && pixels.every((size) => size === 1);
  return single ? op.reshape(output, { shape: [batch, classes] }) : output;
}
