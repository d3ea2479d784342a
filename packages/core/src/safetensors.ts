// safetensors: named tensors as one block of bytes, the format of https://github.com/huggingface/safetensors. Eight bytes
// of length (little-endian), a JSON header, the data. Bytes in and out; files are the caller's. Little-endian machines
// only, which all that run JavaScript engines with WebGPU or ONNX Runtime are.
import { DataError } from './errors.ts';
import type { DType, Shape, Tensor, Tensors } from './tensor.ts';
import { sizeOf, typeText } from './tensor.ts';

/** Strings by name: a safetensors file can carry no other kind. */
export type Metadata = Readonly<Record<string, string>>;

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly tensors: Tensors;
  readonly metadata: Metadata;
}

/** Far above any model's header here, and far below what JSON.parse would choke on. */
const MAX_HEADER_BYTES = 2 ** 24;
const MAX_RANK = 8;
/** The name under which the header keeps the metadata: no tensor can have it. */
const METADATA = '__metadata__';

const NAME_OF = { float32: 'F32', float64: 'F64', int32: 'I32', uint32: 'U32', bool: 'BOOL' } as const;
const DTYPE_OF: ReadonlyMap<string, DType> = new Map(
  (Object.keys(NAME_OF) as DType[]).map((dtype) => [NAME_OF[dtype], dtype]),
);
const BYTES_OF: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, uint32: 4, bool: 1 };

/**
 * The tensors as the bytes of a file, in the order of their names: the same tensors give the same bytes.
 * @throws DataError `SAFETENSORS` for a tensor called `__metadata__`, or one whose data does not fit its shape
 */
export function encodeSafetensors(tensors: Tensors, metadata: Metadata = {}): Uint8Array {
  const entries = Object.entries(tensors).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fields = Object.keys(metadata).length > 0 ? [`"${METADATA}":${JSON.stringify(metadata)}`] : [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === METADATA) throw fail(`no tensor can be called ${METADATA}`);
    if (data.length !== sizeOf(shape)) {
      throw fail(`tensor ${quoted(name)} is ${typeText({ dtype, shape })} but holds ${data.length} values`);
    }
    const begin = end;
    end += data.byteLength;
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: NAME_OF[dtype], shape, data_offsets: [begin, end] })}`,
    );
  }
  // Spaces up to a multiple of 8, as the format's own writer leaves them: a reader may map the data where it lies.
  const json = asciiJson(`{${fields.join(',')}}`);
  const header = json.padEnd(Math.ceil(json.length / 8) * 8);
  const bytes = new Uint8Array(8 + header.length + end);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[8 + i] = header.charCodeAt(i);
  let at = 8 + header.length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors and the metadata of a file's bytes; the tensors are copies.
 * @param file names the file in errors
 * @throws DataError `SAFETENSORS` when a length is out of bounds, the header is no JSON of this format, a tensor has a
 * dtype that isonet does not know, or offsets leave gaps, overlap or do not fit dtype and shape
 */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const { header, dataStart } = parseHeader(bytes, file);
  const { [METADATA]: metadata = {}, ...rest } = header;
  if (!isStrings(metadata)) throw fail(`${METADATA}: expected strings by name`, file);
  const entries = Object.entries(rest)
    .map(([name, entry]) => readEntry(name, entry, file))
    .toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      throw fail(
        `tensor ${quoted(entry.name)}: expected its data to begin at byte ${end}, got ${entry.begin}`,
        file,
      );
    }
    end = entry.end;
  }
  const got = bytes.length - dataStart;
  if (end !== got)
    throw fail(`expected ${end} bytes of data, got ${got}; the file is truncated or damaged`, file);
  return {
    tensors: Object.fromEntries(
      entries.map((entry) => [entry.name, tensorOf(entry, bytes.subarray(dataStart + entry.begin), file)]),
    ),
    metadata,
  };
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

function parseHeader(
  bytes: Uint8Array,
  file: string,
): { readonly header: Readonly<Record<string, unknown>>; readonly dataStart: number } {
  if (bytes.length < 8) throw fail(`truncated: expected 8 bytes and more, got ${bytes.length}`, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw fail(
      `not a safetensors file: its header would be ${length} bytes long, at most ${MAX_HEADER_BYTES} are read`,
      file,
    );
  }
  if (length > bytes.length - 8) {
    throw fail(`truncated: expected a header of ${length} bytes, got ${bytes.length - 8}`, file);
  }
  let header: unknown;
  try {
    header = JSON.parse(utf8(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw fail('the header is not JSON; the file is damaged', file, cause);
  }
  if (!isRecord(header)) throw fail('the header is not a JSON object', file);
  return { header, dataStart: 8 + length };
}

function readEntry(name: string, entry: unknown, file: string): Entry {
  const bad = (problem: string): DataError => fail(`tensor ${quoted(name)}: ${problem}`, file);
  if (!isRecord(entry)) throw bad('expected dtype, shape and data_offsets');
  const { dtype: code, shape, data_offsets: offsets } = entry;
  const dtype = typeof code === 'string' ? DTYPE_OF.get(code) : undefined;
  if (!dtype) throw bad(`expected a dtype of ${[...DTYPE_OF.keys()].join(', ')}, got ${quoted(code)}`);
  if (!isWhole(shape) || shape.length > MAX_RANK) {
    throw bad(`expected a shape of at most ${MAX_RANK} whole numbers, got ${quoted(shape)}`);
  }
  const [begin, end] = isWhole(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || end < begin) {
    throw bad(`expected data_offsets [begin, end], got ${quoted(offsets)}`);
  }
  const size = sizeOf(shape) * BYTES_OF[dtype];
  if (end - begin !== size)
    throw bad(`${typeText({ dtype, shape })} takes ${size} bytes, data_offsets ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** `data` begins at the entry's first byte; its end has been checked to lie inside. */
function tensorOf({ name, dtype, shape, begin, end }: Entry, data: Uint8Array, file: string): Tensor {
  // A copy of its own: an entry may begin where a typed array of its kind could not. Not by slice(): Node's Buffer, which
  // is a Uint8Array too, gives a view there.
  const own = new Uint8Array(data.subarray(0, end - begin));
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(own.buffer) };
  if (dtype === 'float64') return { dtype, shape, data: new Float64Array(own.buffer) };
  if (dtype === 'int32') return { dtype, shape, data: new Int32Array(own.buffer) };
  if (dtype === 'uint32') return { dtype, shape, data: new Uint32Array(own.buffer) };
  if (own.some((value) => value > 1)) throw fail(`tensor ${quoted(name)}: a bool is neither 0 nor 1`, file);
  return { dtype, shape, data: own };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is Metadata {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string');
}

function isWhole(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** JSON with every character above ASCII escaped, so that it has one byte per character. */
function asciiJson(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Strict UTF-8, in ECMAScript alone. @throws URIError when it is none */
function utf8(bytes: Uint8Array): string {
  let encoded = '';
  for (const byte of bytes) {
    encoded +=
      byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return decodeURIComponent(encoded);
}

/** What a file says, for one line of a message: it may be long, or written to confuse a terminal. */
function quoted(value: unknown): string {
  const text = asciiJson(JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function fail(problem: string, file = 'safetensors', cause?: unknown): DataError {
  return new DataError('SAFETENSORS', `${file}: ${problem}`, cause === undefined ? {} : { cause });
}
