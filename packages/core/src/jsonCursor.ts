// A streaming JSON reader over bytes. It reads value by value and stores nothing, so a caller keeps only what
// it expects. JSON.parse would let a malicious file fill the memory with objects many times its size. The
// reader needs only ECMAScript, no platform API.

/** Thrown for bytes that are not JSON in UTF-8, and for JSON that is nested too deeply. */
export class JsonSyntaxError extends Error {
  override readonly name: string = 'JsonSyntaxError';
}

/** The maximum depth of skipped values. Values that are read never nest this deeply. */
const MAX_DEPTH = 64;
/** The maximum number of characters converted at a time, because each becomes an argument of one call. */
const CHUNK = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The characters that may follow a backslash, and the ones they stand for: `"`, `\\`, `/`, b, f, n, r, t. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

const WORDS = ['true', 'false', 'null'] as const;

/** The kinds of JSON values, identified by their first byte. */
export type JsonKind = 'object' | 'list' | 'string' | 'number' | 'word';

/**
 * A position in JSON text. Each method skips whitespace, reads from the position and advances it. All methods throw
 * JsonSyntaxError.
 */
export class JsonCursor {
  readonly #bytes: Uint8Array;
  readonly #known: readonly string[];
  /** A buffer reused for all lists; the returned list is a copy of exactly the right length. */
  readonly #numbers: number[] = [];
  readonly #units: Uint16Array = new Uint16Array(CHUNK);
  #at = 0;

  /** @param known frequent ASCII strings, which are reused instead of being created again */
  constructor(bytes: Uint8Array, known: readonly string[] = []) {
    this.#bytes = bytes;
    this.#known = known;
  }

  /** Returns the offset of the next byte that is not whitespace. */
  offset(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    }
    this.#at = at;
    return at;
  }

  /** Returns the kind of the next value. The value may still be malformed. */
  kind(): JsonKind {
    const byte = this.#peek();
    if (byte === OPEN_OBJECT) return 'object';
    if (byte === OPEN_LIST) return 'list';
    if (byte === QUOTE) return 'string';
    return byte === MINUS || digitOf(byte) !== undefined ? 'number' : 'word';
  }

  /** Reads an object: calls `member` with each name; `member` must read or skip the value. */
  object(member: (name: string) => void): void {
    this.#items(OPEN_OBJECT, CLOSE_OBJECT, () => {
      const name = this.string();
      this.#expect(COLON);
      member(name);
    });
  }

  /**
   * Reads a list of at most `most` non-negative integers. Returns undefined for anything else, which may have
   * been read only in part.
   */
  integers(most: number): readonly number[] | undefined {
    if (!this.#take(OPEN_LIST)) return undefined;
    if (this.#take(CLOSE_LIST)) return [];
    let count = 0;
    do {
      if (count === most || this.kind() !== 'number') return undefined;
      const value = this.number();
      if (!Number.isSafeInteger(value) || value < 0) return undefined;
      this.#numbers[count++] = Math.abs(value); // JSON has -0.
    } while (this.#take(COMMA));
    this.#expect(CLOSE_LIST);
    return this.#numbers.slice(0, count);
  }

  /** Reads a string. */
  string(): string {
    this.#expect(QUOTE);
    for (const text of this.#known) {
      if (this.#bytes[this.#at + text.length] === QUOTE && this.#takeWord(text)) {
        this.#at++;
        return text;
      }
    }
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = start; at < bytes.length && at - start <= CHUNK; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.#at = at + 1;
        return textOf(bytes.subarray(start, at));
      }
      if (byte === undefined || byte === BACKSLASH || byte < 0x20 || byte >= 0x80) break;
    }
    return this.#longString();
  }

  /** Reads a number. Returns NaN for an absurdly long one. */
  number(): number {
    const start = this.offset();
    const bytes = this.#bytes;
    let value = 0;
    let at = start;
    // Nearly all numbers are short integers, which need no string.
    for (
      let digit = digitOf(bytes[at]);
      digit !== undefined && at - start < 15;
      digit = digitOf(bytes[++at])
    ) {
      value = value * 10 + digit;
    }
    this.#skipNumber();
    if (this.#at === at) return value;
    return this.#at - start > CHUNK ? NaN : Number(textOf(bytes.subarray(start, this.#at)));
  }

  /** Skips a value of any kind. */
  skip(depth = 0): void {
    if (depth > MAX_DEPTH) throw new JsonSyntaxError('nested too deeply');
    const kind = this.kind();
    if (kind === 'object') {
      this.#items(OPEN_OBJECT, CLOSE_OBJECT, () => {
        this.#skipString();
        this.#expect(COLON);
        this.skip(depth + 1);
      });
    } else if (kind === 'list') this.#items(OPEN_LIST, CLOSE_LIST, () => this.skip(depth + 1));
    else if (kind === 'string') this.#skipString();
    else if (kind === 'number') this.#skipNumber();
    else if (!WORDS.some((word) => this.#takeWord(word))) throw new JsonSyntaxError('expected a value');
  }

  /** The offset of the next byte to read. */
  get position(): number {
    return this.#at;
  }

  /** Moves back to an offset. */
  rewind(offset: number): void {
    this.#at = offset;
  }

  /** @throws JsonSyntaxError if anything but whitespace remains */
  end(): void {
    if (this.offset() < this.#bytes.length) throw new JsonSyntaxError('unexpected data after the value');
  }

  #items(open: number, close: number, item: () => void): void {
    this.#expect(open);
    if (this.#take(close)) return;
    do item();
    while (this.#take(COMMA));
    this.#expect(close);
  }

  #peek(): number | undefined {
    return this.#bytes[this.offset()];
  }

  #take(byte: number): boolean {
    if (this.#peek() !== byte) return false;
    this.#at++;
    return true;
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) throw new JsonSyntaxError(`expected ${String.fromCharCode(byte)}`);
  }

  #takeWord(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    }
    this.#at += word.length;
    return true;
  }

  /** `-? (0 | [1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)?` */
  #skipNumber(): void {
    this.#takeWord('-');
    if (!this.#takeWord('0')) this.#skipDigits();
    if (this.#takeWord('.')) this.#skipDigits();
    if (this.#takeWord('e') || this.#takeWord('E')) {
      if (!this.#takeWord('+')) this.#takeWord('-');
      this.#skipDigits();
    }
  }

  #skipDigits(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    while (digitOf(bytes[this.#at]) !== undefined) this.#at++;
    if (this.#at === start) throw new JsonSyntaxError('expected digits');
  }

  #skipString(): void {
    this.#expect(QUOTE);
    while (this.#unit() !== undefined);
  }

  /** Reads the rest of a string that may be long or contain escapes and non-ASCII characters. */
  #longString(): string {
    const units = this.#units;
    let text = '';
    let count = 0;
    for (let unit = this.#unit(); unit !== undefined; unit = this.#unit()) {
      // A character beyond 16 bits needs two units.
      if (count > CHUNK - 2) {
        text += textOf(units.subarray(0, count));
        count = 0;
      }
      if (unit > 0xffff) {
        units[count++] = 0xd800 + ((unit - 0x10000) >> 10);
        units[count++] = 0xdc00 + ((unit - 0x10000) & 0x3ff);
      } else units[count++] = unit;
    }
    return text + textOf(units.subarray(0, count));
  }

  /**
   * Reads the next character of a string: a code point or, for an escape, a UTF-16 unit; undefined at the end of the string.
   */
  #unit(): number | undefined {
    const byte = this.#bytes[this.#at++];
    if (byte === QUOTE) return undefined;
    if (byte === undefined || byte < 0x20) throw new JsonSyntaxError('unterminated string');
    if (byte === BACKSLASH) return this.#escape();
    if (byte < 0x80) return byte;
    // Strict UTF-8: no overlong encodings, no surrogates, nothing above U+10FFFF.
    if (byte >= 0xc2 && byte <= 0xdf) return this.#continued(byte & 0x1f, 1, 0x80);
    if (byte >= 0xe0 && byte <= 0xef) return this.#continued(byte & 0x0f, 2, 0x800);
    if (byte >= 0xf0 && byte <= 0xf4) return this.#continued(byte & 0x07, 3, 0x10000);
    throw new JsonSyntaxError('not UTF-8');
  }

  #continued(first: number, count: number, least: number): number {
    let code = first;
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || byte >> 6 !== 0b10) throw new JsonSyntaxError('not UTF-8');
      code = code * 64 + (byte & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new JsonSyntaxError('not UTF-8');
    }
    return code;
  }

  #escape(): number {
    const byte = this.#bytes[this.#at++];
    if (byte !== 0x75) {
      const meant = byte === undefined ? undefined : ESCAPES.get(byte);
      if (meant === undefined) throw new JsonSyntaxError('unknown escape');
      return meant;
    }
    const digits = textOf(this.#bytes.subarray(this.#at, this.#at + 4));
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new JsonSyntaxError('unknown escape');
    this.#at += 4;
    return parseInt(digits, 16);
  }
}

function digitOf(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : undefined;
}

/**
 * Returns the text of at most {@link CHUNK} + 1 units, because each becomes an argument of one call. ASCII is
 * a subset of UTF-16.
 */
function textOf(units: Uint8Array | Uint16Array): string {
  return Reflect.apply(String.fromCharCode, undefined, units) as string;
}
