// Validates the bytes of a protobuf message before it is decoded, so that a small file cannot claim much memory: an empty message
// takes two bytes in a file, and hundreds once decoded. https://protobuf.dev/programming-guides/encoding/
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { DataError } from '@isonet/core';

/** The maximum number of messages. Image networks have about ten thousand; once decoded, each takes up to 700 bytes. */
const MAX_MESSAGES = 2 ** 18;
/**
 * The maximum number of entries in lists of 64-bit integers, which hold shapes, axes and indices. Each entry takes 40
 * bytes at first. Large tensors have raw data instead.
 */
const MAX_INTEGERS = 2 ** 21;
/** Wire types, which determine the length of a field. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];
/** The maximum nesting of messages. Each nested graph adds three levels. */
const MAX_DEPTH = 64;

/**
 * Checks that bytes are a well-formed protobuf message of the schema, within the limits for a network.
 * @throws DataError `ONNX` if the bytes are truncated, exceed a limit, or are something else
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
    if (depth > MAX_DEPTH) throw fail(`expected at most ${MAX_DEPTH} levels of nested messages`);
    if (++this.#messages > MAX_MESSAGES) {
      throw fail(`expected at most ${MAX_MESSAGES} messages (nodes, attributes, tensors, ...) in a file`);
    }
    const fields = fieldsOf(schema);
    this.#at = start;
    while (this.#at < end) {
      const tag = this.#varint(end);
      const [number, type] = [Math.floor(tag / 8), tag % 8];
      const field = fields.get(number);
      // The decoder follows its schema. In a field of another wire type, it would read bytes other than those checked
      // here.
      const isPacked = type === BYTES && field?.isList === true && field.type !== BYTES;
      if (number === 0 || (field && field.type !== type && !isPacked)) throw notAMessage();
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
      if (this.#at !== until) throw notAMessage();
    }
  }

  #nested(schema: DescMessage, length: number, end: number, depth: number): void {
    const from = this.#at;
    this.#skip(length, end);
    this.message(schema, from, from + length, depth + 1);
  }

  #packed({ type, isInteger64 }: FieldInfo, until: number): void {
    while (this.#at < until) {
      if (isInteger64) this.#count();
      this.#number(type, until);
    }
  }

  #count(): void {
    if (++this.#integers <= MAX_INTEGERS) return;
    throw fail(`expected at most ${MAX_INTEGERS} 64-bit integers in lists; save large tensors as raw data`);
  }

  #number(type: number, end: number): void {
    if (type === VARINT) this.#varint(end);
    else if (type === FIXED64) this.#skip(8, end);
    else if (type === FIXED32) this.#skip(4, end);
    else throw notAMessage();
  }

  #skip(length: number, end: number): void {
    this.#at += length;
    if (this.#at <= end) return;
    if (end < this.#bytes.length) throw notAMessage();
    throw fail(
      `expected an ONNX file, got ${end} bytes that are truncated or something else; fetch the file again`,
    );
  }

  /** Reads a varint. It is rounded beyond 2^53, which no valid length reaches. */
  #varint(end: number): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at];
      this.#skip(1, end);
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw notAMessage();
  }
}

/** A field of a schema. */
interface FieldInfo {
  readonly type: number;
  readonly isList: boolean;
  /** Whether it is a list of 64-bit integers. */
  readonly isInteger64: boolean;
  readonly message: DescMessage | undefined;
}

const cache = new Map<DescMessage, ReadonlyMap<number, FieldInfo>>();

/** Returns the fields of a message, by number. */
function fieldsOf(schema: DescMessage): ReadonlyMap<number, FieldInfo> {
  const found = cache.get(schema);
  if (found) return found;
  const made = new Map(
    schema.fields.map((field): readonly [number, FieldInfo] => [
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
  cache.set(schema, made);
  return made;
}

function typeOf({ message, scalar }: DescField): number {
  if (message || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return BYTES;
  if (scalar === ScalarType.FLOAT) return FIXED32;
  return scalar === ScalarType.DOUBLE ? FIXED64 : VARINT;
}

function notAMessage(): DataError {
  return fail('expected an ONNX file, got bytes that are not a protobuf message');
}

function fail(problem: string): DataError {
  return new DataError('ONNX', problem);
}
