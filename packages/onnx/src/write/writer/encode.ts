// Plain values as ONNX's protobuf messages. No export names the type of a message: protobuf's own types need TypeScript 5.7,
// ours 5.6.
import { create, toBinary } from '@bufbuild/protobuf';
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import type { DType, Tensor } from '@isonet/core';
import { asFloat32 } from '@isonet/core';
import type { AttributeProto, GraphProto, NodeProto, ValueInfoProto } from '../../proto/onnx_pb.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from '../../proto/onnx_pb.ts';
import { version } from '../../version.ts';
import type { Dims } from './dims.ts';

/** A number is an attribute of whole numbers, unless it says that it is a float: ONNX tells 1 from 1.0. */
export type OnnxAttr =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly graph: OnnxGraph };
/** The attributes of a node, by name. */
export type OnnxAttrs = Readonly<Record<string, OnnxAttr>>;

/** Of ONNX's element types, those that a value may have. */
export const elementTypes: Readonly<Record<DType, number>> = {
  float32: TensorProto_DataType.FLOAT,
  // Rounded when it is written.
  float64: TensorProto_DataType.FLOAT,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  bool: TensorProto_DataType.BOOL,
};

/** One operator. */
export interface OnnxNode {
  /** Unique in the graph. */
  readonly name: string;
  /** The operator of ONNX: `Conv`. */
  readonly opType: string;
  /** Where the operator is defined: '' for ONNX's own, otherwise a runtime's name for its own. */
  readonly domain: string;
  /** '' is an optional input that is left out. */
  readonly inputs: readonly string[];
  /** The names of its results. */
  readonly outputs: readonly string[];
  /** The operator's attributes, by name. */
  readonly attrs: OnnxAttrs;
}

/** An initializer. */
export interface OnnxTensor {
  /** The value that it gives. */
  readonly name: string;
  /** Its shape. */
  readonly dims: readonly number[];
  /** One of ONNX's element types, by its number. */
  readonly elementType: number;
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

/** An input or an output. */
export interface OnnxValue {
  readonly name: string;
  /** Only the counter of a loop is int64. */
  readonly dtype: DType | 'int64';
  readonly dims: Dims;
}

/** A graph as ONNX has it: by names, in the order in which its nodes run. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Little-endian, as typed arrays are on every processor that ONNX Runtime has a library for. */
export function onnxTensor(name: string, tensor: Tensor): OnnxTensor {
  const { buffer, byteOffset, byteLength } = tensor.dtype === 'float64' ? asFloat32(tensor) : tensor.data;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return { name, dims: tensor.shape, elementType: elementTypes[tensor.dtype], bytes };
}

/** A list of whole numbers, as the operators take shapes, axes and bounds. */
export function int64Tensor(name: string, values: readonly number[]): OnnxTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dims: [values.length], elementType: TensorProto_DataType.INT64, bytes };
}

/**
 * The bytes of the .onnx file. IR 8 and operator set 17: old enough for every runtime of the last years, new enough for all
 * that is written here.
 */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      { domain: '', version: 17n },
      ...ownDomains(graph).map((domain) => ({ domain, version: 1n })),
    ],
    producerName: 'isonet',
    producerVersion: version,
    graph: graphProto(graph),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

/** The runtimes' own domains that a graph uses. */
function ownDomains(graph: OnnxGraph): readonly string[] {
  return [...new Set(domainsIn(graph))].filter((domain) => domain !== '').toSorted();
}

function domainsIn({ nodes }: OnnxGraph): readonly string[] {
  return nodes.flatMap(({ domain, attrs }) => [
    domain,
    ...Object.values(attrs).flatMap((attr) =>
      typeof attr === 'object' && 'graph' in attr ? domainsIn(attr.graph) : [],
    ),
  ]);
}

function graphProto({ name, nodes, initializers, inputs, outputs }: OnnxGraph): GraphProto {
  return create(GraphProtoSchema, {
    name,
    node: nodes.map(nodeProto),
    initializer: initializers.map((tensor) => ({
      name: tensor.name,
      dims: tensor.dims.map(BigInt),
      dataType: tensor.elementType,
      rawData: tensor.bytes,
    })),
    input: inputs.map(valueInfoProto),
    output: outputs.map(valueInfoProto),
  });
}

function nodeProto({ name, opType, domain, inputs, outputs, attrs }: OnnxNode): NodeProto {
  return create(NodeProtoSchema, {
    name,
    opType,
    // Left out, it is ONNX's own.
    ...(domain === '' ? {} : { domain }),
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attrs).map(([key, value]) => attributeProto(key, value)),
  });
}

function attributeProto(name: string, value: OnnxAttr): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    const s = getTextEncoding().encodeUtf8(value);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  if ('floats' in value) {
    const floats = [...value.floats];
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOATS, floats });
  }
  if ('graph' in value) {
    const g = graphProto(value.graph);
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g });
  }
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.INTS,
    ints: value.map(BigInt),
  });
}

function valueInfoProto({ name, dtype, dims }: OnnxValue): ValueInfoProto {
  const dim = dims.map((d) => ({
    value:
      typeof d === 'number'
        ? { case: 'dimValue' as const, value: BigInt(d) }
        : { case: 'dimParam' as const, value: d },
  }));
  const elemType = dtype === 'int64' ? TensorProto_DataType.INT64 : elementTypes[dtype];
  const value = { elemType, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
}
