// Parses bytes as a protobuf message. No other file's declarations mention protobuf's types.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary } from '@bufbuild/protobuf';
import { DataError, messageOf } from '@isonet/core';
import { otherFile } from './otherFiles.ts';
import { checkWire } from './wire.ts';

/** Decodes a message. @throws DataError `ONNX` for bytes that are not such a message */
export function parse<T extends DescMessage>(schema: T, bytes: Uint8Array): MessageShape<T> {
  try {
    checkWire(schema, bytes);
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    const other = otherFile(bytes);
    if (other !== undefined) throw new DataError('ONNX', `expected an ONNX file, got ${other}`);
    if (cause instanceof DataError) throw cause;
    throw new DataError('ONNX', `expected an ONNX file, got something else (${messageOf(cause)})`);
  }
}
