// Moves the tensors of external data files into the .onnx file.
import { toBinary } from '@bufbuild/protobuf';
import type { GraphProto, TensorProto } from '../proto/onnx_pb.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from '../proto/onnx_pb.ts';
import { parse } from './message.ts';
import type { ExternalData } from './external.ts';
import { externalBytes } from './external.ts';

/**
 * Returns the file with its external tensors inside. A file without external tensors is returned unchanged.
 * @throws DataError `ONNX` for bytes that are not an ONNX model, or for a tensor that is in none of the files
 */
export function withExternalData(bytes: Uint8Array, external: ExternalData): Uint8Array {
  const model = parse(ModelProtoSchema, bytes);
  const tensors = model.graph ? externalIn(model.graph) : [];
  if (tensors.length === 0) return bytes;
  for (const tensor of tensors) {
    tensor.rawData = externalBytes(tensor.externalData, tensor.name, external);
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
  return toBinary(ModelProtoSchema, model);
}

/** Returns the external tensors, including those of nested graphs. */
function externalIn({ initializer, node }: GraphProto): readonly TensorProto[] {
  const attributes = node.flatMap(({ attribute }) => attribute);
  const own = [...initializer, ...attributes.flatMap(({ t }) => t ?? [])];
  return [
    ...own.filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL),
    ...attributes.flatMap(({ g }) => (g ? externalIn(g) : [])),
  ];
}
