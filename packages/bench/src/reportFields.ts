// Reads untrusted JSON value by value, with a check of type and bounds. An error names the value by its path.
import { DataError } from '@isonet/core';

/** The maximum length of a text: the error line of a library may be long. */
const MAX_TEXT = 4096;
/** The maximum length of a value in a message. */
const MAX_SHOWN = 60;

/** Cuts a text to the length that the reader of a report accepts. */
export function shortened(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 3)}...` : text;
}

/** A value of parsed JSON with its path. Every method that reads it throws DataError `BENCH_REPORT` for an invalid value. */
export class Place {
  readonly #value: unknown;
  readonly #file: string;
  readonly #path: string;

  /** @param path inside the file: `measurements[2].batch`; empty for the whole file */
  constructor(value: unknown, file: string, path: string = '') {
    this.#value = value;
    this.#file = file;
    this.#path = path;
  }

  /** Returns the place of a field of an object. If the field is missing, the place has no value. */
  at(name: string): Place {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('an object');
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    return new Place(Object.getOwnPropertyDescriptor(value, name)?.value, this.#file, path);
  }

  /** Whether there is a value, which may be null. */
  get isThere(): boolean {
    return this.#value !== undefined;
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  /** Returns the entries of a list with `least` to `most` entries. */
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
    if (typeof value !== 'string') throw this.wrong('a string');
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

  /** Returns a number from 0 to 1. */
  part(): number {
    const value = this.#value;
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    throw this.wrong('a number from 0 to 1');
  }

  /** Returns an integer of at least 1. */
  count(): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
    throw this.wrong('an integer of at least 1');
  }

  /** Returns the error for an unexpected value. */
  wrong(expected: string): DataError {
    return this.error(`expected ${expected}, got ${shown(this.#value)}`);
  }

  /** Returns the error for a problem of the value. */
  error(problem: string): DataError {
    const where = this.#path === '' ? this.#file : `${this.#file}: ${this.#path}`;
    return new DataError('BENCH_REPORT', `${where}: ${problem}`);
  }
}

/** Formats a value on one short line, without recursion: an untrusted value may be nested deeply. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'number') return String(value);
  const isLong = typeof value === 'string' && value.length > MAX_SHOWN;
  return JSON.stringify(isLong ? `${value.slice(0, MAX_SHOWN)}...` : value);
}
