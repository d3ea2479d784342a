// Walks the bytes of a protobuf message before anything is made of them, so that a small file cannot ask for much memory: an empty
// message is two bytes in a file, and hundreds once it is decoded. https://protobuf.dev/programming-guides/encoding/
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { DataError } from '@isonet/core';

/** Networks for pictures have some ten thousand. Decoded, each takes up to 700 bytes. */
const MAX_MESSAGES = 2 ** 18;
/** Lists of 64-bit integers are shapes, axes and indices; each number takes 40 bytes at first. Large tensors have raw data. */
const MAX_INTEGERS = 2 ** 21;
/** Wire types: how the length of a field is found. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
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
  #integers = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  message(schema: DescMessage, start: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH) throw fail(`expected at most ${MAX_DEPTH} levels of messages within messages`);
    if (++this.#messages > MAX_MESSAGES) {
      throw fail(`expected at most ${MAX_MESSAGES} messages (nodes, attributes, tensors, ...) in a file`);
    }
    const fields = fieldsOf(schema);
    this.#at = start;
    while (this.#at < end) {
      const tag = this.#varint(end);
      const [number, type] = [Math.floor(tag / 8), tag % 8];
      const field = fields.get(number);
      // The decoder goes by its schema: what is written in another way it would read from other places than are checked here.
      const isPacked = type === BYTES && field?.isList === true && field.type !== BYTES;
      if (number === 0 || (field && field.type !== type && !isPacked)) throw noMessage();
      if (field?.isInteger64 === true && type === VARINT) this.#count();
      if (type !== BYTES) {
        this.#number(type, end);
        continue;
      }
      const length = this.#varint(end);
      const until = this.#at + length;
      if (isPacked) this.#packed(field, until);
      else if (field?.message) this.#nested(field.message, length, end, depth);
      else this.#skip(length, end);
      if (this.#at !== until) throw noMessage();
    }
  }

  #nested(schema: DescMessage, length: number, end: number, depth: number): void {
    const from = this.#at;
    this.#skip(length, end);
    this.message(schema, from, from + length, depth + 1);
  }

  #packed({ type, isInteger64 }: Known, until: number): void {
    while (this.#at < until) {
      if (isInteger64) this.#count();
      this.#number(type, until);
    }
  }

  #count(): void {
    if (++this.#integers <= MAX_INTEGERS) return;
    throw fail(
      `expected at most ${MAX_INTEGERS} integers of 64 bits in lists; save large tensors as raw data`,
    );
  }

  #number(type: number, end: number): void {
    if (type === VARINT) this.#varint(end);
    else if (type === FIXED64) this.#skip(8, end);
    else if (type === FIXED32) this.#skip(4, end);
    else throw noMessage();
  }

  #skip(length: number, end: number): void {
    this.#at += length;
    if (this.#at <= end) return;
    if (end < this.#bytes.length) throw noMessage();
    throw fail(
      `expected an ONNX file, got its first ${end} bytes at most: it is cut off, or something else; fetch it again`,
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
    throw noMessage();
  }
}

/** A field as its schema has it. */
interface Known {
  readonly type: number;
  readonly isList: boolean;
  /** A list of them. */
  readonly isInteger64: boolean;
  readonly message: DescMessage | undefined;
}

const known = new Map<DescMessage, ReadonlyMap<number, Known>>();

/** The fields of a message, by number. */
function fieldsOf(schema: DescMessage): ReadonlyMap<number, Known> {
  const found = known.get(schema);
  if (found) return found;
  const made = new Map(
    schema.fields.map((field): readonly [number, Known] => [
      field.number,
      {
        type: typeOf(field),
        isList: field.fieldKind === 'list',
        isInteger64:
          field.fieldKind === 'list' &&
          (field.scalar === ScalarType.INT64 || field.scalar === ScalarType.UINT64),
        message: field.message,
      },
    ]),
  );
  known.set(schema, made);
  return made;
}

function typeOf({ message, scalar }: DescField): number {
  if (message || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return BYTES;
  if (scalar === ScalarType.FLOAT) return FIXED32;
  return scalar === ScalarType.DOUBLE ? FIXED64 : VARINT;
}

function noMessage(): DataError {
  return fail('expected an ONNX file, got bytes that are no protobuf message');
}

function fail(problem: string): DataError {
  return new DataError('ONNX', problem);
}
