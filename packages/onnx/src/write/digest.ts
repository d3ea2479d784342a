// The part of a written graph that decides what it computes, as bytes: what the id of a plan is made of.
import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../proto/onnx_pb.ts';
import type { WrittenGraph } from './writeGraph.ts';
import { encodeModel, modelProto } from './writer/encode.ts';

/**
 * The model without what does not decide how it computes: values are numbered in the order of their first use, nodes and
 * graph have no names, and weights keep their type and lose their values. Constants stay whole.
 */
export function digestedBytes({ proto, weights }: WrittenGraph): Uint8Array {
  // An empty name is an optional input that is left out.
  const numbers = new Map([['', '']]);
  const numbered = (name: string): string => {
    const number = numbers.get(name) ?? `v${numbers.size}`;
    numbers.set(name, number);
    return number;
  };
  const input = proto.input.map((info) =>
    create(ValueInfoProtoSchema, { ...info, name: numbered(info.name) }),
  );
  const initializer = proto.initializer.map((tensor) =>
    create(TensorProtoSchema, {
      ...tensor,
      name: numbered(tensor.name),
      rawData: weights.has(tensor.name) ? new Uint8Array() : tensor.rawData,
    }),
  );
  const node = proto.node.map((written) =>
    create(NodeProtoSchema, {
      ...written,
      name: '',
      input: written.input.map(numbered),
      output: written.output.map(numbered),
    }),
  );
  const output = proto.output.map((info) =>
    create(ValueInfoProtoSchema, { ...info, name: numbered(info.name) }),
  );
  return encodeModel(
    modelProto(create(GraphProtoSchema, { ...proto, name: '', input, initializer, node, output })),
  );
}
