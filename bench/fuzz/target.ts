// Defines a target of the fuzzers: one parser behind the entry point that programs use, and the properties that must hold for every
// input. A case must return a valid value or throw one of isonet's errors; everything else is a fault.
import { IsonetError } from '@isonet/core';
import type { Random } from './random.ts';

/** The file name that is passed to the parsers. */
export const FILE = 'input.file';

/** The outcome of a case: a value, or the code of the error. */
export type Outcome = 'value' | `error ${string}`;

/** A parser under test. */
export interface Target {
  readonly name: string;
  /** Source files whose coverage is reported, relative to the root. */
  readonly sources: readonly string[];
  /** The memory, in MB, that a case may take in addition to 16 times its bytes. */
  readonly megabytes: number;
  /** Generates the input of a case. */
  generate(random: Random): Uint8Array;
  /** Runs a case. @throws Fault */
  examine(input: Uint8Array): Promise<Outcome>;
}

/** A violation of a property that every parser must have. */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  /** Equal for inputs that show the same fault. */
  readonly kind: string;
  constructor(kind: string, message: string, options?: ErrorOptions) {
    super(`${kind}: ${message}`, options);
    this.kind = kind;
  }
}

/** @throws Fault unless `holds` */
export function demand(holds: boolean, kind: string, message = ''): asserts holds {
  if (!holds) throw new Fault(kind, message);
}

/** The parts of a target. */
export interface Parts<T> extends Pick<Target, 'name' | 'sources' | 'generate'> {
  readonly megabytes?: number;
  /** Whether the parser does not receive the file's name, so that its errors cannot contain it. */
  readonly isNameless?: boolean;
  readonly parse: (input: Uint8Array) => T | Promise<T>;
  /** Checks a value. @throws Fault, or anything else, which is a fault too */
  readonly check: (value: Awaited<T>, input: Uint8Array) => void | Promise<void>;
  /** Checks an error further, for example whether the input justifies it. */
  readonly checkError?: (error: IsonetError, input: Uint8Array) => void;
  /** Returns the text that represents an error in the outcome. Default: the error's code. */
  readonly wordOf?: (error: IsonetError) => string;
}

/** Builds a target. */
export function target<T>({
  parse,
  check,
  checkError,
  megabytes = 64,
  isNameless = false,
  wordOf = codeOf,
  ...parts
}: Parts<T>): Target {
  const examine = async (input: Uint8Array): Promise<Outcome> => {
    const copy = new Uint8Array(input);
    let outcome: Outcome;
    let value: Awaited<T> | undefined;
    try {
      value = await parse(input);
      outcome = 'value';
    } catch (error) {
      checkMessage(error, isNameless);
      checkError?.(error, copy);
      outcome = `error ${wordOf(error)}`;
    }
    if (value !== undefined) {
      const given = value;
      await checked(() => check(given, copy));
    }
    demand(Buffer.compare(input, copy) === 0, 'input changed');
    checkPrototypes();
    return outcome;
  };
  return { ...parts, megabytes, examine };
}

function codeOf({ code }: IsonetError): string {
  return code;
}

async function checked(check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault(`value: ${placeOf(error)}`, String(error), { cause: error });
  }
}

/** Characters that would color, move or reorder the text of a terminal, or break the line. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const LONGEST = 1000;

/** Checks that an error is isonet's, names the file, and is one printable line. @throws Fault */
function checkMessage(error: unknown, isNameless: boolean): asserts error is IsonetError {
  if (!(error instanceof IsonetError))
    throw new Fault(placeOf(error), String(error).slice(0, 200), { cause: error });
  const { message } = error;
  const shown = JSON.stringify(message.slice(0, 200));
  demand(isNameless || message.includes(FILE), `error ${error.code} without the file`, shown);
  demand(!CONTROLS.test(message), `error ${error.code} with control characters`, shown);
  demand(!/\p{Cs}/u.test(message), `error ${error.code} with half a character`, shown);
  demand(message.length <= LONGEST, `error ${error.code} of ${message.length} characters`, shown);
}

/** Returns the class of an error and the first of isonet's source files in its stack. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'thrown value';
  const line = error.stack?.split('\n').find((each) => /packages\/|bench\/fuzz/.test(each)) ?? '';
  return `${error.name} at ${/([\w-]+\.ts)/.exec(line)?.[1] ?? '?'}`;
}

const PROTOTYPES = [{}, [], '', 0, () => 0].map((value) => {
  const prototype = Object.getPrototypeOf(value) as object;
  return [prototype, Reflect.ownKeys(prototype).length] as const;
});

/** Checks that no built-in prototype has gained or lost properties. @throws Fault */
function checkPrototypes(): void {
  for (const [prototype, count] of PROTOTYPES) {
    demand(Reflect.ownKeys(prototype).length === count, 'prototype changed');
  }
}
