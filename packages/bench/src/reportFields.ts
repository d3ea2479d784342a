// Reads values of foreign JSON one at a time, each with its type and its bound; an error names the value by its path.
import { DataError } from '@isonet/core';

/** Characters of any one text: the line that a library failed with may be long. */
const MAX_TEXT = 4096;
/** Characters of a value in a message. */
const MAX_SHOWN = 60;

/** A text that a report may hold: one that is too long for its reader loses its end. */
export function shortened(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 3)}...` : text;
}

/** A value of parsed JSON, and where it is. Every reader throws DataError `BENCH_REPORT`. */
export class Place {
  readonly #value: unknown;
  readonly #file: string;
  readonly #path: string;

  /** @param path inside the file: `measurements[2].batch`; empty for all of it */
  constructor(value: unknown, file: string, path: string = '') {
    this.#value = value;
    this.#file = file;
    this.#path = path;
  }

  /** A field of an object; of one that is missing, the place of nothing. */
  at(name: string): Place {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('an object');
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    return new Place(Object.getOwnPropertyDescriptor(value, name)?.value, this.#file, path);
  }

  /** Whether there is a value, be it null. */
  get isThere(): boolean {
    return this.#value !== undefined;
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  /** The entries of a list of `least` to `most`. */
  list(least: number, most: number): readonly Place[] {
    const value: unknown = this.#value;
    const expected = least === most ? `${least}` : `${least} to ${most.toLocaleString('en-US')}`;
    if (!Array.isArray(value)) throw this.wrong(`a list of ${expected}`);
    if (value.length < least || value.length > most) {
      throw this.error(`expected a list of ${expected}, got ${value.length.toLocaleString('en-US')}`);
    }
    return value.map((entry: unknown, i) => new Place(entry, this.#file, `${this.#path}[${i}]`));
  }

  text(): string {
    const value = this.#value;
    if (typeof value !== 'string') throw this.wrong('a text');
    if (value.length > MAX_TEXT) {
      throw this.error(
        `expected at most ${MAX_TEXT} characters, got ${value.length.toLocaleString('en-US')}`,
      );
    }
    return value;
  }

  oneOf<T extends string | number>(known: readonly T[]): T {
    const found = known.find((candidate) => candidate === this.#value);
    if (found === undefined) throw this.wrong(known.map((one) => JSON.stringify(one)).join(' or '));
    return found;
  }

  above0(): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    throw this.wrong('a number above 0');
  }

  atLeast0(): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw this.wrong('a number of at least 0');
  }

  /** A number from 0 to 1. */
  part(): number {
    const value = this.#value;
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    throw this.wrong('a number from 0 to 1');
  }

  /** A whole number from 1 on. */
  count(): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
    throw this.wrong('a whole number of at least 1');
  }

  /** The error for a value that is not what was expected. */
  wrong(expected: string): DataError {
    return this.error(`expected ${expected}, got ${shown(this.#value)}`);
  }

  /** The error for a value whose problem is known in words. */
  error(problem: string): DataError {
    const where = this.#path === '' ? this.#file : `${this.#file}: ${this.#path}`;
    return new DataError('BENCH_REPORT', `${where}: ${problem}`);
  }
}

/** Short, on one line, and without recursion: a foreign value may nest deeply. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number') return String(value);
  const isLong = typeof value === 'string' && value.length > MAX_SHOWN;
  return JSON.stringify(isLong ? `${value.slice(0, MAX_SHOWN)}...` : value);
}
