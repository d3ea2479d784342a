// Encodes plain values as ONNX's protobuf messages. No export mentions a message type, because protobuf's types need
// TypeScript 5.7, whereas isonet's need only 5.6.
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

/** The value of an attribute. Plain numbers are integers; floats are marked, because ONNX distinguishes 1 from 1.0. */
export type OnnxAttr =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly graph: OnnxGraph };
/** Attributes by name. */
export type OnnxAttrs = Readonly<Record<string, OnnxAttr>>;

/** ONNX's codes for the element types that a value can have. */
export const elementTypes: Readonly<Record<DType, number>> = {
  float32: TensorProto_DataType.FLOAT,
  // Rounded to float32 when written.
  float64: TensorProto_DataType.FLOAT,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  bool: TensorProto_DataType.BOOL,
};

/** One operator. */
export interface OnnxNode {
  /** Unique in the graph. */
  readonly name: string;
  /** The ONNX operator: `Conv`. */
  readonly opType: string;
  /** The domain that defines the operator: '' for ONNX, or a runtime's own domain. */
  readonly domain: string;
  /** The names of its inputs; '' for an omitted optional input. */
  readonly inputs: readonly string[];
  /** The names of its results. */
  readonly outputs: readonly string[];
  /** The operator's attributes, by name. */
  readonly attrs: OnnxAttrs;
}

/** An initializer. */
export interface OnnxTensor {
  /** The name of its value. */
  readonly name: string;
  /** Its shape. */
  readonly dims: readonly number[];
  /** ONNX's code for the element type. */
  readonly elementType: number;
  /** The values, little-endian. */
  readonly bytes: Uint8Array;
}

/** An input or an output. */
export interface OnnxValue {
  readonly name: string;
  /** Only the counter of a loop is int64. */
  readonly dtype: DType | 'int64';
  readonly dims: Dims;
}

/** A graph in ONNX's form: nodes in execution order, connected by the names of values. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Encodes a tensor. Typed arrays are little-endian, as ONNX requires, on every processor that ONNX Runtime supports. */
export function onnxTensor(name: string, tensor: Tensor): OnnxTensor {
  const { buffer, byteOffset, byteLength } = tensor.dtype === 'float64' ? asFloat32(tensor) : tensor.data;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength).slice();
  return { name, dims: tensor.shape, elementType: elementTypes[tensor.dtype], bytes };
}

/** Encodes a list of integers as int64, the type that operators expect for shapes, axes and bounds. */
export function int64Tensor(name: string, values: readonly number[]): OnnxTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, dims: [values.length], elementType: TensorProto_DataType.INT64, bytes };
}

/**
 * Returns the bytes of the .onnx file, in IR 8 and operator set 17: old enough for every recent runtime, and new enough
 * for every operator used here.
 */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      { domain: '', version: 17n },
      ...customDomains(graph).map((domain) => ({ domain, version: 1n })),
    ],
    producerName: 'isonet',
    producerVersion: version,
    graph: graphProto(graph),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Returns the domains other than ONNX's that a graph uses. */
function customDomains(graph: OnnxGraph): readonly string[] {
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
    // An omitted domain is ONNX's own.
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
