// Decodes exported bytes, for tests.
import { fromBinary } from '@bufbuild/protobuf';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../src/proto/onnx_pb.ts';
import { AttributeProto_AttributeType, ModelProtoSchema } from '../src/proto/onnx_pb.ts';

export function decode(bytes: Uint8Array): { readonly model: ModelProto; readonly graph: GraphProto } {
  const model = fromBinary(ModelProtoSchema, bytes);
  if (!model.graph) throw new Error('the model has no graph');
  return { model, graph: model.graph };
}

/** Formats an input or output as `images: 1 [N, 1, 28, 28]`, with ONNX's code for the element type. */
export function infoText({ name, type }: ValueInfoProto): string {
  const tensor = type?.value.value;
  const dims = tensor?.shape?.dim.map(({ value }) => String(value.value)) ?? ['no shape'];
  return `${name}: ${tensor?.elemType} [${dims.join(', ')}]`;
}

/** Formats a node as `c1/Conv = Conv(images, c1.w, c1.b) group=1 ...`, with its own name if that differs from its result's. */
export function nodeText({ name, opType, input, output, attribute }: NodeProto): string {
  const attrs = attribute.map(({ name: key, type, f, i, ints, s }) => {
    if (type === AttributeProto_AttributeType.FLOAT) return `${key}=${f}`;
    if (ints.length > 0) return `${key}=${ints.join(',')}`;
    return `${key}=${s.length > 0 ? new TextDecoder().decode(s) : i}`;
  });
  const label = output.join(', ') === name ? name : `${output.join(', ')} (${name})`;
  return [`${label} = ${opType}(${input.join(', ')})`, ...attrs].join(' ');
}

/** Returns the values of an int64 initializer. */
export function int64s({ rawData }: TensorProto): readonly number[] {
  return Array.from(new BigInt64Array(rawData.slice().buffer), Number);
}
