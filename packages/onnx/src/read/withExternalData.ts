// A model whose tensors lie in files beside it, with all of them inside.
import { toBinary } from '@bufbuild/protobuf';
import type { GraphProto, TensorProto } from '../proto/onnx_pb.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from '../proto/onnx_pb.ts';
import { parse } from './message.ts';
import type { ExternalData } from './external.ts';
import { externalBytes } from './external.ts';

/**
 * The same file with the tensors of the files beside it inside; one that has none is given back as it is.
 * @throws DataError `ONNX` for bytes that are no ONNX model, or where a tensor does not lie in one of the files
 */
export function withExternalData(bytes: Uint8Array, external: ExternalData): Uint8Array {
  const model = parse(ModelProtoSchema, bytes);
  const tensors = model.graph ? outsideOf(model.graph) : [];
  if (tensors.length === 0) return bytes;
  for (const tensor of tensors) {
    tensor.rawData = externalBytes(tensor.externalData, tensor.name, external);
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
  return toBinary(ModelProtoSchema, model);
}

/** The tensors that lie outside, of graphs within nodes too. */
function outsideOf({ initializer, node }: GraphProto): readonly TensorProto[] {
  const attributes = node.flatMap(({ attribute }) => attribute);
  const own = [...initializer, ...attributes.flatMap(({ t }) => t ?? [])];
  return [
    ...own.filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL),
    ...attributes.flatMap(({ g }) => (g ? outsideOf(g) : [])),
  ];
}
