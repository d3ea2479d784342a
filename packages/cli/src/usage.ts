// Parses the values of options, and formats errors as one line.
import type { Form } from '@isonet/core';
import { messageOf, shape4 } from '@isonet/core';
import { InvalidArgumentError } from 'commander';

/** Returns the message of an error as one line; libraries throw multi-line ones. The caller escapes control characters. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error && error.message === '' ? error.name : messageOf(error);
  return text.replaceAll(/\s*[\n\r\t]\s*/g, ' ').trim();
}

/** The accepted notations. `Number` alone would also accept `0x10`, `0b1`, `Infinity`, and an empty string as 0. */
const DIGITS = /^\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Returns a parser for an integer written in digits. `form` is a rule of core, which the library and run.json share. */
export function integerAs(form: Form): (text: string) => number {
  return (text) => parsed(text, DIGITS, form);
}

/** Returns a parser for a number in decimal notation: `0.001`, `1e-3`. */
export function numberAs(form: Form): (text: string) => number {
  return (text) => parsed(text, DECIMAL, form);
}

function parsed(text: string, notation: RegExp, { text: expected, fits }: Form): number {
  const value = notation.test(text) ? Number(text) : NaN;
  if (fits(value)) return value;
  throw new InvalidArgumentError(`Expected ${expected}.`);
}

/** Parses words that are separated by commas. */
export function words(text: string): readonly string[] {
  return text.split(',').map((word) => word.trim());
}

/** Returns a parser for integers that are separated by commas. */
export function integersAs(form: Form): (text: string) => readonly number[] {
  const integer = integerAs(form);
  return (text) => words(text).map(integer);
}

/** Parses a path. Rejects an empty one, as from an unset shell variable: it would mean the current folder. */
export function path(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Expected a path.');
}

/** Collects the values of a repeatable option. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Parses `height=224,width=224`: sizes of dimensions by name. */
export function sizes(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const entries = words(text).map((word) => {
    const [, name, size] = /^([^=]+)=(\d+)$/.exec(word) ?? [];
    const value = Number(size);
    if (name === undefined || !(value >= 1 && value <= 2 ** 24)) {
      throw new InvalidArgumentError('Expected NAME=SIZE, separated by commas: height=224,width=224.');
    }
    return [name, value] as const;
  });
  return { ...before, ...Object.fromEntries(entries) };
}

/** Parses `1x1x28x28`: images, channels, height, width. */
export function imageInput(text: string): readonly [number, number, number, number] {
  if (/^\d+(x\d+){3}$/.test(text)) {
    const dims = shape4(text.split('x').map(Number));
    if (dims.every((dim) => dim >= 1 && dim <= 16_384)) return dims;
  }
  throw new InvalidArgumentError(
    'Expected images x channels x height x width, all integers from 1 to 16384, such as 1x1x28x28.',
  );
}
