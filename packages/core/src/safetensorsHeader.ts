// Reads the header of a safetensors file: a JSON object with the type and the data offsets of each tensor. It
// is read token by token, so that even a malicious header takes at most a few times its own size in memory.
import { DataError } from './errors.ts';
import { JsonCursor, JsonSyntaxError } from './jsonCursor.ts';
import type { DType, Shape } from './tensor.ts';
import { sizeOf, typeText } from './tensor.ts';

/** Strings by name, the only metadata that a safetensors file can hold. */
export type Metadata = Readonly<Record<string, string>>;

/** A tensor as the header describes it. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The byte range of its data, relative to the end of the header; `end - begin` is the size of dtype and shape. */
  readonly begin: number;
  readonly end: number;
}

/** A parsed header. */
export interface SafetensorsHeader {
  /** The tensors, in the order of their data. */
  readonly entries: readonly Entry[];
  readonly metadata: Metadata;
  /** The offset of the data in the file. */
  readonly dataStart: number;
}

/**
 * The maximum size of a header, far above the size that any isonet model needs. The writer enforces this and
 * the other limits too, so that its files can be read back.
 */
export const MAX_HEADER_BYTES: number = 2 ** 24;
/**
 * The maximum number of tensors, and of metadata entries. An entry takes at least 55 bytes of the header and about 400 bytes of
 * memory. The largest published models have a few thousand tensors per file.
 */
export const MAX_ENTRIES: number = 2 ** 15;
export const MAX_RANK: number = 8;
/** The maximum number of characters that a message quotes from a file. */
const MAX_QUOTED = 80;
/** The header key of the metadata, which cannot name a tensor. */
export const METADATA = '__metadata__';

/** The format's name of each dtype. */
export const NAME_OF: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  uint32: 'U32',
  bool: 'BOOL',
};
const DTYPE_OF: ReadonlyMap<string, DType> = new Map(
  (Object.keys(NAME_OF) as DType[]).map((dtype) => [NAME_OF[dtype], dtype]),
);
const BYTES_OF: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, uint32: 4, bool: 1 };

/** The fields of an entry, each with the expectation that messages state. */
const EXPECTED = {
  dtype: `expected a dtype of ${[...DTYPE_OF.keys()].join(', ')}`,
  shape: `expected a shape of at most ${MAX_RANK} integers`,
  data_offsets: 'expected data_offsets [begin, end]',
} as const;
const FIELDS = 'expected dtype, shape and data_offsets';
const KNOWN: readonly string[] = [...Object.keys(EXPECTED), ...DTYPE_OF.keys()];

/** Reads the header of a file. @throws DataError `SAFETENSORS` */
export function readHeader(bytes: Uint8Array, file: string): SafetensorsHeader {
  if (bytes.length < 8) throw fail(`truncated: expected at least 8 bytes, got ${bytes.length}`, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw fail(
      `not a safetensors file: expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${length}`,
      file,
    );
  }
  const dataStart = 8 + length;
  if (dataStart > bytes.length) {
    throw fail(`truncated: expected a header of ${length} bytes, got ${bytes.length - 8}`, file);
  }
  try {
    return { ...new HeaderReader(bytes.subarray(8, dataStart), file).read(), dataStart };
  } catch (cause) {
    if (!(cause instanceof JsonSyntaxError)) throw cause;
    throw fail('the header is not JSON; the file is damaged', file, cause);
  }
}

class HeaderReader {
  readonly #json: Uint8Array;
  readonly #cursor: JsonCursor;
  readonly #file: string;
  readonly #entries: Map<string, Entry> = new Map();
  #metadata: Metadata | undefined;

  constructor(json: Uint8Array, file: string) {
    this.#json = json;
    this.#cursor = new JsonCursor(json, KNOWN);
    this.#file = file;
  }

  read(): Omit<SafetensorsHeader, 'dataStart'> {
    const cursor = this.#cursor;
    if (cursor.kind() !== 'object') {
      cursor.skip();
      cursor.end();
      throw this.#fail('the header is not a JSON object');
    }
    cursor.object((name) => {
      if (name === METADATA) this.#readMetadata();
      else this.#add(this.#entries, name, this.#readEntry(name), 'tensor');
    });
    cursor.end();
    const entries = [...this.#entries.values()].toSorted((a, b) => a.begin - b.begin || a.end - b.end);
    return { entries, metadata: this.#metadata ?? {} };
  }

  #readMetadata(): void {
    const cursor = this.#cursor;
    if (this.#metadata) throw this.#fail(`${METADATA} appears twice`);
    if (cursor.kind() !== 'object') throw this.#notStrings();
    const found = new Map<string, string>();
    cursor.object((name) => {
      if (cursor.kind() !== 'string') throw this.#notStrings();
      this.#add(found, name, cursor.string(), METADATA);
    });
    this.#metadata = Object.fromEntries(found);
  }

  #readEntry(name: string): Entry {
    const cursor = this.#cursor;
    if (cursor.kind() !== 'object') {
      cursor.skip();
      throw this.#bad(name, FIELDS);
    }
    let dtype: DType | undefined;
    let shape: Shape | undefined;
    let offsets: Shape | undefined;
    cursor.object((field) => {
      const start = cursor.offset();
      if (field === 'dtype') {
        const found = cursor.kind() === 'string' ? DTYPE_OF.get(cursor.string()) : undefined;
        dtype = this.#once(name, field, dtype, found, start);
      } else if (field === 'shape') {
        shape = this.#once(name, field, shape, cursor.integers(MAX_RANK), start);
      } else if (field === 'data_offsets') {
        offsets = this.#once(name, field, offsets, cursor.integers(2), start);
      } else cursor.skip();
    });
    return this.#checked(name, dtype, shape, offsets);
  }

  /** Returns the value of a field that starts at `start`. @throws DataError if it is invalid or a duplicate */
  #once<T>(name: string, field: keyof typeof EXPECTED, before: T, value: T, start: number): T & {} {
    if (value === undefined || value === null) {
      throw this.#bad(name, `${EXPECTED[field]}, got ${this.#textAt(start)}`);
    }
    if (before !== undefined) throw this.#bad(name, `${field} appears twice`);
    return value;
  }

  #checked(name: string, dtype?: DType, shape?: Shape, offsets?: Shape): Entry {
    if (!dtype || !shape || !offsets) throw this.#bad(name, FIELDS);
    const [begin, end] = offsets;
    if (begin === undefined || end === undefined || end < begin) {
      throw this.#bad(name, `${EXPECTED.data_offsets}, got ${JSON.stringify(offsets)}`);
    }
    const size = sizeOf(shape) * BYTES_OF[dtype];
    if (end - begin !== size) {
      throw this.#bad(
        name,
        `${typeText({ dtype, shape })} needs ${size} bytes, but data_offsets span ${end - begin}`,
      );
    }
    return { name, dtype, shape, begin, end };
  }

  #add<T>(all: Map<string, T>, name: string, value: T, what: string): void {
    if (all.has(name)) throw this.#fail(`${what} ${quoted(name)} appears twice`);
    if (all.size === MAX_ENTRIES) throw this.#fail(`expected at most ${MAX_ENTRIES} entries (${what})`);
    all.set(name, value);
  }

  /** Quotes the value at an offset, for a one-line message. */
  #textAt(start: number): string {
    const cursor = this.#cursor;
    cursor.rewind(start);
    cursor.skip();
    return shortened(
      printable(this.#json.subarray(start, Math.min(cursor.position, start + MAX_QUOTED + 1))),
    );
  }

  #notStrings(): DataError {
    this.#cursor.skip();
    return this.#fail(`${METADATA}: expected strings by name`);
  }

  #bad(name: string, problem: string): DataError {
    return this.#fail(`tensor ${quoted(name)}: ${problem}`);
  }

  #fail(problem: string): DataError {
    return fail(problem, this.#file);
  }
}

/** Escapes every non-ASCII character of a JSON text, so that it has one byte per character. */
export function asciiJson(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Quotes text from a file, for a one-line message. The text may be long, or crafted to confuse a terminal.
 */
export function quoted(text: string): string {
  // Truncated before escaping: the text may be as long as the file.
  return shortened(asciiJson(JSON.stringify(text.slice(0, MAX_QUOTED + 1))));
}

function shortened(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
}

/** Keeps printable ASCII; writes every other byte as `\xff`. */
function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

/** Creates an error about a file. */
export function fail(problem: string, file = 'safetensors', cause?: unknown): DataError {
  return new DataError('SAFETENSORS', `${file}: ${problem}`, cause === undefined ? {} : { cause });
}
