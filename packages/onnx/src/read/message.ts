// The bytes of a file as one of protobuf's messages, whose types no other file's declarations name.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary } from '@bufbuild/protobuf';
import { DataError, messageOf } from '@isonet/core';
import { otherFile } from './otherFiles.ts';
import { checkWire } from './wire.ts';

/** Decodes a message. @throws DataError `ONNX` for bytes that are none */
export function parse<T extends DescMessage>(schema: T, bytes: Uint8Array): MessageShape<T> {
  try {
    checkWire(schema, bytes);
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    const other = otherFile(bytes);
    if (other !== undefined) throw new DataError('ONNX', `expected an ONNX file, got ${other}`);
    if (cause instanceof DataError) throw cause;
    throw new DataError('ONNX', `expected an ONNX file, got bytes that are none (${messageOf(cause)})`);
  }
}
