// Decodes the bytes of an ONNX file into plain values. The input is untrusted: an inconsistent file is rejected with a one-line error.
// Protobuf's message types stay inside the decoder, because they need a newer TypeScript than the public declarations may require.
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import { DataError } from '@isonet/core';
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../proto/onnx_pb.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from '../proto/onnx_pb.ts';
import type { ExternalData } from './external.ts';
import { externalBytes, locationOf } from './external.ts';
import type { FileAttribute, FileDim, FileGraph, FileNode, FileTensor, FileValue, OnnxFile } from './file.ts';
import type { HostTensor } from './hostTensor.ts';
import { checkName, isPrintable, MAX_NAME } from './names.ts';
import { parse } from './message.ts';
import { otherFile } from './otherFiles.ts';
import type { StoredNumbers } from './tensors.ts';
import { checkLength, decodeNumbers } from './tensors.ts';

/**
 * Returns the names of the external data files that hold an .onnx file's larger tensors. All of them are in its folder or below.
 * @throws DataError `ONNX` for bytes that are not an ONNX model, or for a model that names a file outside its folder
 */
export function externalFiles(bytes: Uint8Array): readonly string[] {
  const { graph } = parse(ModelProtoSchema, bytes);
  const locations = new Set<string>();
  const add = (tensor: TensorProto): void => {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
    checkName(tensor.name, 'tensor');
    locations.add(locationOf(tensor.externalData, tensor.name));
  };
  const visit = ({ initializer, node }: GraphProto): void => {
    for (const tensor of initializer) add(tensor);
    for (const { t, g } of node.flatMap(({ attribute }) => attribute)) {
      if (t) add(t);
      if (g) visit(g);
    }
  };
  if (graph) visit(graph);
  return [...locations];
}

/** Operator sets before this one (2017) broadcast differently. */
const OLDEST_OPSET = 7;
/** The reader uses only features that this IR version and all later ones share. */
const OLDEST_IR = 3;
/** The maximum nesting of If branches. */
const MAX_DEPTH = 16;
/** The maximum number of dimensions of a tensor. No network comes near it. */
const MAX_RANK = 16;
/** The maximum number of values in a tensor. */
const MAX_VALUES = 2 ** 31;

/**
 * Decodes an ONNX file.
 * @param external its external data files, if it has any
 * @throws DataError `ONNX` for bytes that are not an ONNX model, or for one older than IR 3 or operator set 7
 */
export function decodeOnnx(bytes: Uint8Array, external: ExternalData = {}): OnnxFile {
  const model = parse(ModelProtoSchema, bytes);
  if (!model.graph) {
    throw fail(`expected an ONNX file, got ${otherFile(bytes) ?? 'a protobuf message without a graph'}`);
  }
  const irVersion = Number(model.irVersion);
  const opsets = new Map(
    model.opsetImport.map(({ domain, version }) => [normalizedDomain(domain), Number(version)]),
  );
  const opset = opsets.get('');
  // A graph whose nodes all come from other domains needs no ONNX operator set. Those nodes are refused by name later.
  const isForeign =
    model.graph.node.length > 0 && model.graph.node.every(({ domain }) => normalizedDomain(domain) !== '');
  const isOld = opset === undefined ? !isForeign : !(opset >= OLDEST_OPSET);
  if (irVersion < OLDEST_IR || isOld) {
    throw fail(
      `expected IR version ${OLDEST_IR} and operator set ${OLDEST_OPSET} or newer, got IR version ${irVersion} and ` +
        `${opset === undefined ? 'no operator set' : `operator set ${opset}`}; convert it with onnx.version_converter`,
    );
  }
  if (model.graph.output.length === 0) throw fail('expected a graph with outputs, got none');
  return {
    irVersion,
    opsets,
    producer: [model.producerName, model.producerVersion].filter((text) => text !== '').join(' '),
    functions: new Set(model.functions.map(({ domain, name }) => `${normalizedDomain(domain)}.${name}`)),
    graph: fileGraph(model.graph, external, 0),
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

/**
 * Decodes a file that holds a single tensor, such as `input_0.pb` of ONNX's backend tests.
 * @throws DataError `ONNX` for bytes that are not a tensor
 */
export function decodeTensor(bytes: Uint8Array): NamedTensor {
  const tensor = parse(TensorProtoSchema, bytes);
  checkName(tensor.name, 'tensor');
  return { name: tensor.name, tensor: fileTensor(tensor, tensor.name, {}) };
}

/** A tensor from a file that holds nothing else. */
export interface NamedTensor {
  /** '' if the file does not name it. */
  readonly name: string;
  readonly tensor: FileTensor;
}

function fail(problem: string): DataError {
  return new DataError('ONNX', problem);
}

/** Maps both names of ONNX's default domain to ''. */
function normalizedDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function fileGraph(graph: GraphProto, external: ExternalData, depth: number): FileGraph {
  checkName(graph.name, 'graph');
  if (depth > MAX_DEPTH) throw fail(`expected at most ${MAX_DEPTH} levels of nested graphs`);
  const [sparse] = graph.sparseInitializer;
  if (sparse) {
    const name = sparse.values?.name ?? '';
    checkName(name, 'initializer');
    throw fail(`initializer "${name}": sparse tensors are not supported`);
  }
  const initializers = new Map<string, FileTensor>();
  for (const tensor of graph.initializer) {
    if (tensor.name === '') throw fail('expected every initializer to have a name, got one without a name');
    checkName(tensor.name, 'initializer');
    if (initializers.has(tensor.name)) throw fail(`initializer "${tensor.name}" is defined twice`);
    initializers.set(tensor.name, fileTensor(tensor, tensor.name, external));
  }
  checkOnce(graph.input, 'input');
  checkOnce(graph.output, 'output');
  const names = new Set<string>();
  return {
    name: graph.name,
    nodes: graph.node.map((node, i) => fileNode(node, i, names, external, depth)),
    initializers,
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(fileValue),
    outputs: graph.output.map(fileValue),
  };
}

function checkOnce(values: readonly ValueInfoProto[], what: string): void {
  const seen = new Set<string>();
  for (const { name } of values) {
    checkName(name, what);
    if (seen.has(name)) throw fail(`${what} "${name}" is listed twice`);
    seen.add(name);
  }
}

function fileNode(
  node: NodeProto,
  index: number,
  names: Set<string>,
  external: ExternalData,
  depth: number,
): FileNode {
  const { opType, domain, input, output, attribute } = node;
  checkName(node.name, 'node');
  checkName(opType, 'operator');
  checkName(domain, 'domain');
  for (const value of [...input, ...output]) checkName(value, 'value');
  const named = node.name === '' ? (output.find((name) => name !== '') ?? `${opType}_${index}`) : node.name;
  const name = names.has(named) ? `${named}_${index}` : named;
  names.add(name);
  const attributes = new Map<string, FileAttribute>();
  for (const attr of attribute) {
    checkName(attr.name, 'attribute');
    if (attributes.has(attr.name)) throw fail(`node "${name}": attribute ${attr.name} is set twice`);
    attributes.set(attr.name, fileAttribute(attr, `${name}.${attr.name}`, external, depth));
  }
  return { name, domain: normalizedDomain(domain), opType, inputs: input, outputs: output, attributes };
}

function fileAttribute(
  { type, f, i, s, t, g, floats, ints, strings }: AttributeProto,
  name: string,
  external: ExternalData,
  depth: number,
): FileAttribute {
  const { decodeUtf8 } = getTextEncoding();
  switch (type) {
    case AttributeType.FLOAT:
      return { type: 'float', value: f };
    case AttributeType.INT:
      return { type: 'int', value: Number(i) };
    case AttributeType.STRING: {
      const value = decodeUtf8(s);
      // Readers expect short, printable strings.
      return value.length <= MAX_NAME && isPrintable(value)
        ? { type: 'string', value }
        : { type: 'other', value: undefined };
    }
    case AttributeType.FLOATS:
      return { type: 'floats', value: floats };
    case AttributeType.INTS:
      return { type: 'ints', value: ints.map(Number) };
    case AttributeType.STRINGS:
      return { type: 'strings', value: strings.map((text) => decodeUtf8(text)) };
    case AttributeType.TENSOR:
      if (!t) throw fail(`attribute ${name}: expected a tensor, got none`);
      return { type: 'tensor', value: fileTensor(t, name, external) };
    case AttributeType.GRAPH:
      if (!g) throw fail(`attribute ${name}: expected a graph, got none`);
      return { type: 'graph', value: fileGraph(g, external, depth + 1) };
    default:
      return { type: 'other', value: undefined };
  }
}

function fileTensor(tensor: TensorProto, name: string, external: ExternalData): FileTensor {
  const { dims, dataType: elementType } = tensor;
  const shape = dims.map(Number);
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (shape.length > MAX_RANK || shape.some((dim) => dim < 0) || size > MAX_VALUES) {
    throw fail(
      `tensor "${name}": expected at most ${MAX_RANK} dimensions and 2^31 values, got [${dims.join(', ')}]`,
    );
  }
  const stored: StoredNumbers = {
    name,
    shape,
    elementType,
    raw:
      tensor.dataLocation === TensorProto_DataLocation.EXTERNAL
        ? externalBytes(tensor.externalData, name, external)
        : tensor.rawData,
    floats: tensor.floatData,
    int32s: tensor.int32Data,
    int64s: tensor.int64Data,
    doubles: tensor.doubleData,
    uint64s: tensor.uint64Data,
    strings: tensor.stringData.length,
  };
  checkLength(stored);
  let decoded: HostTensor | undefined;
  // Decoded only once, because a network is built for several batch sizes and modes.
  return { shape, elementType, decode: () => (decoded ??= decodeNumbers(stored)) };
}

function fileValue({ name, type }: ValueInfoProto): FileValue {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  const dims = tensor?.shape?.dim.map(({ value }): FileDim => {
    if (value.case === 'dimValue') return Number(value.value);
    if (value.case !== 'dimParam') return '';
    checkName(value.value, 'dimension');
    return value.value;
  });
  return { name, elementType: tensor ? tensor.elemType : 0, dims };
}
