// Walks the bytes of a protobuf message before anything is made of them, so that a small file cannot ask for much memory: an empty
// message is two bytes in a file, and hundreds once it is decoded. https://protobuf.dev/programming-guides/encoding/
import type { DescMessage } from '@bufbuild/protobuf';
import { DataError } from '@isonet/core';

/** Large language models have some hundred thousand, networks for pictures some ten thousand. */
const MAX_MESSAGES = 2 ** 19;
/** A graph within a graph is three levels down. */
const MAX_DEPTH = 64;

/**
 * Checks that bytes are a message of the schema, as far as protobuf is concerned, with messages and levels as a network may have.
 * @throws DataError `ONNX` saying whether the bytes are cut off, too much, or something else
 */
export function checkWire(schema: DescMessage, bytes: Uint8Array): void {
  new Walk(bytes).message(schema, 0, bytes.length, 0);
}

class Walk {
  readonly #bytes: Uint8Array;
  #at = 0;
  #messages = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  message(schema: DescMessage, start: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH) throw fail(`expected at most ${MAX_DEPTH} levels of messages within messages`);
    if (++this.#messages > MAX_MESSAGES) {
      throw fail(`expected at most ${MAX_MESSAGES} messages (nodes, attributes, tensors, ...) in a file`);
    }
    const inner = messagesOf(schema);
    this.#at = start;
    while (this.#at < end) {
      const tag = this.#varint(end);
      const [field, type] = [Math.floor(tag / 8), tag % 8];
      if (field === 0) throw fail('expected an ONNX file, got bytes that are no protobuf message');
      if (type === 0) this.#varint(end);
      else if (type === 1) this.#skip(8, end);
      else if (type === 5) this.#skip(4, end);
      else if (type === 2) {
        const length = this.#varint(end);
        const from = this.#at;
        this.#skip(length, end);
        const message = inner.get(field);
        if (message) this.message(message, from, from + length, depth + 1);
      } else throw fail('expected an ONNX file, got bytes that are no protobuf message');
    }
  }

  #skip(length: number, end: number): void {
    this.#at += length;
    if (this.#at <= end) return;
    throw fail(
      end === this.#bytes.length
        ? `expected an ONNX file, got its first ${end} bytes at most: it is cut off, or something else; fetch it again`
        : 'expected an ONNX file, got bytes that are no protobuf message',
    );
  }

  /** Beyond 2^53 it is rounded: nothing in a file is that long. */
  #varint(end: number): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at];
      this.#skip(1, end);
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw fail('expected an ONNX file, got bytes that are no protobuf message');
  }
}

const known = new Map<DescMessage, ReadonlyMap<number, DescMessage>>();

/** The fields of a message that are messages, by number. */
function messagesOf(schema: DescMessage): ReadonlyMap<number, DescMessage> {
  const found = known.get(schema);
  if (found) return found;
  const fields = schema.fields.flatMap((field): (readonly [number, DescMessage])[] =>
    field.message ? [[field.number, field.message]] : [],
  );
  const made = new Map(fields);
  known.set(schema, made);
  return made;
}

function fail(problem: string): DataError {
  return new DataError('ONNX', problem);
}
