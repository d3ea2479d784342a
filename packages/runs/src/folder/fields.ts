// Reads the fields of parsed JSON, one by one, each with its type: a wrong one is named by its path.
import type { Json } from '@isonet/core';
import { DataError } from '@isonet/core';

/** What to do with a run.json that is not as isonet wrote it. */
export const RECORD_FIX = 'the file was edited, or is damaged: restore it, or train another run';

/** Lists and objects in each other: what isonet writes has a handful of levels. */
const MAX_DEPTH = 100;
/** Characters of a value, or of a path, in a message. */
const MAX_SHOWN = 60;

/**
 * A parsed JSON object whose fields are read by type. Each reader throws DataError `RUN_RECORD` for a field that is missing or
 * of another type.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  /** For messages: the file, then the path inside it. */
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

  /** Parses a file's text. @throws DataError `RUN_RECORD` when it is not one JSON object */
  static parse(text: string, file: string): Fields {
    // Values are passed on and written again by recursion, which ends at some thousand levels.
    if (isDeep(text)) throw new DataError('RUN_RECORD', `${file}: nests deeper than ${MAX_DEPTH} levels`);
    let values: unknown;
    try {
      values = JSON.parse(text);
    } catch (cause) {
      throw new DataError('RUN_RECORD', `${file}: not JSON`, { cause });
    }
    return new Fields(values, file, '');
  }

  /** Whether the field is there and not null. */
  has(name: string): boolean {
    const value = this.#get(name);
    return value !== undefined && value !== null;
  }

  /** A string. */
  text(name: string): string {
    const value = this.#get(name);
    if (typeof value !== 'string') throw this.wrong(name, 'a string', value);
    return value;
  }

  /** A finite number: JSON's `1e999` is refused. */
  number(name: string): number {
    const value = this.#get(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.wrong(name, 'a number', value);
    return value;
  }

  /** A boolean. */
  flag(name: string): boolean {
    const value = this.#get(name);
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false', value);
    return value;
  }

  /** A safe integer of at least `least`. */
  whole(name: string, least: number): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < least) {
      throw this.wrong(name, `a whole number of at least ${least}`, value);
    }
    return value;
  }

  /** One of the known strings. */
  oneOf<T extends string>(name: string, known: readonly T[]): T {
    const value = this.#get(name);
    const found = known.find((candidate) => candidate === value);
    if (found === undefined) throw this.wrong(name, `one of ${known.join(', ')}`, value);
    return found;
  }

  /** An object. */
  object(name: string): Fields {
    return new Fields(this.#get(name), this.#file, this.#at(name));
  }

  /** A list of objects. */
  list(name: string): readonly Fields[] {
    const value: unknown = this.#get(name);
    if (!Array.isArray(value)) throw this.wrong(name, 'a list', value);
    return value.map((entry: unknown, i) => new Fields(entry, this.#file, `${this.#at(name)}[${i}]`));
  }

  /** A list of strings. */
  texts(name: string): readonly string[] {
    const value: unknown = this.#get(name);
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
    throw this.wrong(name, 'a list of strings', value);
  }

  /** An object of objects: each with its name. */
  objects(name: string): readonly (readonly [string, Fields])[] {
    const all = this.object(name);
    return Object.keys(all.#values).map((key) => [key, all.object(key)]);
  }

  /** An object of numbers: each with its name. */
  numbers(name: string): Readonly<Record<string, number>> {
    const all = this.object(name);
    return Object.fromEntries(Object.keys(all.#values).map((key) => [key, all.number(key)]));
  }

  /** All of it, as it was parsed. */
  json(): Readonly<Record<string, Json>> {
    return this.#values as Readonly<Record<string, Json>>; // JSON.parse gives nothing else.
  }

  /** The error for a field that is not as it should be. */
  wrong(name: string, expected: string, got: unknown): DataError {
    return wrong(this.#file, this.#at(name), expected, got);
  }

  /** The error for a field whose problem is known in words. */
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

/** What a file says, for one line of a message: the beginning, with all that would steer a terminal as escapes. */
export function shown(text: string): string {
  // Cut first: half a character becomes an escape.
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

/** Whether JSON text nests deeper than {@link MAX_DEPTH}; told before it is parsed, which takes 100 bytes a level. */
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
