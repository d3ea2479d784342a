// Reads the fields of parsed JSON by type. Errors name an invalid field by its path.
import type { Json } from '@isonet/core';
import { DataError } from '@isonet/core';

/** The fix for a run.json that differs from the one that isonet wrote. */
export const RECORD_FIX = 'the file was edited or is damaged: restore it, or train another run';

/** The maximum nesting of lists and objects. Files that isonet writes have only a few levels. */
const MAX_DEPTH = 100;
/** The maximum length of a value or a path in a message, in characters. */
const MAX_SHOWN = 60;

/**
 * A parsed JSON object whose fields are read by type. Each reader throws DataError `RUN_RECORD` for a field that is
 * missing or has a different type.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  /** The file and the path inside it, for messages. */
  readonly #file: string;
  readonly #path: string;

  private constructor(values: unknown, file: string, path: string) {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw wrong(file, path, 'an object', values);
    }
    this.#values = { ...values };
    this.#file = file;
    this.#path = path;
  }

  /** Parses a file's text. @throws DataError `RUN_RECORD` if it is not a JSON object */
  static parse(text: string, file: string): Fields {
    // Values are copied and written again recursively, which would overflow the stack at a few thousand levels.
    if (isDeep(text)) throw new DataError('RUN_RECORD', `${file}: nests deeper than ${MAX_DEPTH} levels`);
    let values: unknown;
    try {
      values = JSON.parse(text);
    } catch (cause) {
      throw new DataError('RUN_RECORD', `${file}: not JSON`, { cause });
    }
    return new Fields(values, file, '');
  }

  /** Returns whether the field is present and not null. */
  has(name: string): boolean {
    const value = this.#get(name);
    return value !== undefined && value !== null;
  }

  /** Returns a string. */
  text(name: string): string {
    const value = this.#get(name);
    if (typeof value !== 'string') throw this.wrong(name, 'a string', value);
    return value;
  }

  /** Returns a finite number: JSON's `1e999` is rejected. */
  number(name: string): number {
    const value = this.#get(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.wrong(name, 'a number', value);
    return value;
  }

  /** Returns a boolean. */
  flag(name: string): boolean {
    const value = this.#get(name);
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false', value);
    return value;
  }

  /** Returns a safe integer of at least `least`. */
  whole(name: string, least: number): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < least) {
      throw this.wrong(name, `an integer of at least ${least}`, value);
    }
    return value;
  }

  /** Returns one of the known strings. */
  oneOf<T extends string>(name: string, known: readonly T[]): T {
    const value = this.#get(name);
    const found = known.find((candidate) => candidate === value);
    if (found === undefined) throw this.wrong(name, `one of ${known.join(', ')}`, value);
    return found;
  }

  /** Returns an object. */
  object(name: string): Fields {
    return new Fields(this.#get(name), this.#file, this.#at(name));
  }

  /** Returns a list of objects. */
  list(name: string): readonly Fields[] {
    const value: unknown = this.#get(name);
    if (!Array.isArray(value)) throw this.wrong(name, 'a list', value);
    return value.map((entry: unknown, i) => new Fields(entry, this.#file, `${this.#at(name)}[${i}]`));
  }

  /** Returns a list of strings. */
  texts(name: string): readonly string[] {
    const value: unknown = this.#get(name);
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
    throw this.wrong(name, 'a list of strings', value);
  }

  /** Returns the entries of an object of objects. */
  objects(name: string): readonly (readonly [string, Fields])[] {
    const all = this.object(name);
    return Object.keys(all.#values).map((key) => [key, all.object(key)]);
  }

  /** Returns an object of numbers. */
  numbers(name: string): Readonly<Record<string, number>> {
    const all = this.object(name);
    return Object.fromEntries(Object.keys(all.#values).map((key) => [key, all.number(key)]));
  }

  /** Returns the whole object as parsed. */
  json(): Readonly<Record<string, Json>> {
    return this.#values as Readonly<Record<string, Json>>; // JSON.parse returns nothing else.
  }

  /** Builds the error for a field with an unexpected value. */
  wrong(name: string, expected: string, got: unknown): DataError {
    return wrong(this.#file, this.#at(name), expected, got);
  }

  /** Builds the error for a field from a description of its problem. */
  error(name: string, problem: string): DataError {
    return new DataError('RUN_RECORD', `${this.#file}: ${shown(this.#at(name))}: ${problem}`);
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

/** Shortens the text of a file for a one-line message, and escapes control characters, which could affect a terminal. */
export function shown(text: string): string {
  // Cut first, so that half a surrogate pair becomes an escape.
  return text
    .slice(0, MAX_SHOWN)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

function wrong(file: string, path: string, expected: string, got: unknown): DataError {
  const text = typeof got === 'number' ? String(got) : shown(JSON.stringify(got) ?? 'nothing');
  return new DataError(
    'RUN_RECORD',
    [file, ...(path === '' ? [] : [shown(path)]), `expected ${expected}, got ${text}`].join(': '),
  );
}

/** Returns whether JSON text nests deeper than {@link MAX_DEPTH}. Checked before parsing, which needs 100 bytes per level. */
function isDeep(text: string): boolean {
  let [depth, isString] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isString) {
      if (char === '\\') i++;
      else if (char === '"') isString = false;
    } else if (char === '"') isString = true;
    else if (char === '{' || char === '[') {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === '}' || char === ']') depth--;
  }
  return false;
}
