// Tensors that lie in files beside the .onnx file: which files those are, their bytes, and the same model with all of it inside.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { DataError, messageOf } from '@isonet/core';
import type { GraphProto, ModelProto, TensorProto } from '../proto/onnx_pb.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from '../proto/onnx_pb.ts';

/** The bytes of the files beside an .onnx file that hold its larger tensors, by the name that it gives them. */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** @throws DataError `ONNX` for bytes that are no ONNX model */
export function parseModel(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new DataError('ONNX', `expected an ONNX file, got bytes that are none (${messageOf(cause)})`, {
      cause,
    });
  }
}

/**
 * The names that an ONNX file gives the files beside it, sorted; most have none. They come from the file: whoever opens them checks
 * that they stay in its folder.
 * @throws DataError `ONNX` for bytes that are no ONNX model, or where a tensor names no file
 */
export function externalFiles(bytes: Uint8Array): readonly string[] {
  const names = externalTensors(parseModel(bytes)).map((tensor) => locationOf(tensor, tensor.name));
  return [...new Set(names)].toSorted();
}

/**
 * The same file with the tensors of the files beside it inside; one that has none is given back as it is.
 * @throws DataError `ONNX` where a tensor does not lie in one of the files
 */
export function withExternalData(bytes: Uint8Array, external: ExternalData): Uint8Array {
  const model = parseModel(bytes);
  const tensors = externalTensors(model);
  if (tensors.length === 0) return bytes;
  for (const tensor of tensors) {
    tensor.rawData = externalBytes(tensor, tensor.name, external);
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
  return toBinary(ModelProtoSchema, model);
}

/** The bytes of a tensor that lies in a file of its own. @param name of the tensor, for messages */
export function externalBytes(tensor: TensorProto, name: string, external: ExternalData): Uint8Array {
  const entry = (key: string): string | undefined =>
    tensor.externalData.find((pair) => pair.key === key)?.value;
  const location = locationOf(tensor, name);
  const file = Object.hasOwn(external, location) ? external[location] : undefined;
  if (file === undefined) {
    throw fail(`tensor "${name}": its data is in "${location}", which must lie beside the .onnx file`);
  }
  const offset = wholeOf(entry('offset') ?? '0');
  const length = wholeOf(entry('length') ?? `${file.length - (offset ?? 0)}`);
  if (offset === undefined || length === undefined || offset + length > file.length) {
    throw fail(
      `tensor "${name}": expected bytes within "${location}" (${file.length} bytes), got ${entry('length') ?? 'the rest'} from ${entry('offset') ?? 0}`,
    );
  }
  return file.subarray(offset, offset + length);
}

function locationOf({ externalData }: TensorProto, name: string): string {
  const location = externalData.find(({ key }) => key === 'location')?.value;
  if (location === undefined) throw fail(`tensor "${name}": its data is in a file that is not named`);
  return location;
}

/** Of all graphs of the model, those within nodes too; without recursion, because a file may nest them as deep as it likes. */
function externalTensors({ graph }: ModelProto): readonly TensorProto[] {
  const found: TensorProto[] = [];
  const graphs: GraphProto[] = graph ? [graph] : [];
  for (let next = graphs.pop(); next; next = graphs.pop()) {
    for (const tensor of next.initializer) found.push(tensor);
    for (const { t, g } of next.node.flatMap(({ attribute }) => attribute)) {
      if (t) found.push(t);
      if (g) graphs.push(g);
    }
  }
  return found.filter(({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL);
}

function wholeOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function fail(problem: string): DataError {
  return new DataError('ONNX', problem);
}
