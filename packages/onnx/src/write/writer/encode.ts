// Plain values as ONNX's protobuf messages.
import { create, toBinary } from '@bufbuild/protobuf';
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import type { DType, Tensor } from '@isonet/core';
import { asFloat32 } from '@isonet/core';
import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from '../../proto/onnx_pb.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../../proto/onnx_pb.ts';
import { version } from '../../version.ts';
import type { Dims } from './dims.ts';

/** A number is an attribute of whole numbers, unless it says that it is a float: ONNX tells 1 from 1.0. */
export type OnnxAttr = number | readonly number[] | string | { readonly float: number };
export type OnnxAttrs = Readonly<Record<string, OnnxAttr>>;

/** Of ONNX's element types, those that a value may have. */
export const elementTypes: Readonly<Record<DType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  // Rounded when it is written.
  float64: TensorProto_DataType.FLOAT,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  bool: TensorProto_DataType.BOOL,
};

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** '' is an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: OnnxAttrs;
}

export function nodeProto({ name, opType, inputs, outputs, attrs }: OnnxNode): NodeProto {
  return create(NodeProtoSchema, {
    name,
    opType,
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
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.INTS,
    ints: value.map(BigInt),
  });
}

/** Raw data is little-endian, as typed arrays are on every processor that ONNX Runtime has a library for. */
export function tensorProto(name: string, tensor: Tensor): TensorProto {
  const { buffer, byteOffset, byteLength } = tensor.dtype === 'float64' ? asFloat32(tensor) : tensor.data;
  return create(TensorProtoSchema, {
    name,
    dims: tensor.shape.map(BigInt),
    dataType: elementTypes[tensor.dtype],
    rawData: new Uint8Array(buffer, byteOffset, byteLength).slice(),
  });
}

/** A list of whole numbers, as the operators take shapes, axes and bounds. */
export function int64Proto(name: string, values: readonly number[]): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: [BigInt(values.length)],
    dataType: TensorProto_DataType.INT64,
    rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
}

export function valueInfoProto(name: string, dtype: DType, dims: Dims): ValueInfoProto {
  const dim = dims.map((d) => ({
    value:
      typeof d === 'number'
        ? { case: 'dimValue' as const, value: BigInt(d) }
        : { case: 'dimParam' as const, value: d },
  }));
  const value = { elemType: elementTypes[dtype], shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

export function graphProto({ name, nodes, initializers, inputs, outputs }: OnnxGraph): GraphProto {
  return create(GraphProtoSchema, {
    name,
    node: [...nodes],
    initializer: [...initializers],
    input: [...inputs],
    output: [...outputs],
  });
}

/** IR 8 and operator set 17: old enough for every runtime of the last years, new enough for all that is written here. */
export function modelProto(graph: GraphProto, metadata: Readonly<Record<string, string>> = {}): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    producerName: 'isonet',
    producerVersion: version,
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

/** The bytes of the .onnx file. */
export function encodeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}
