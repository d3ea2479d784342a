// Parses the values of options, and writes errors as one line.
import type { Form } from '@isonet/core';
import { messageOf, shape4 } from '@isonet/core';
import { InvalidArgumentError } from 'commander';

/** The message of any error as one line: those of libraries may have several. What it holds of controls is left to who prints it. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error && error.message === '' ? error.name : messageOf(error);
  return text.replaceAll(/\s*[\n\r\t]\s*/g, ' ').trim();
}

/** What people write: `Number` also reads `0x10`, `0b1`, `Infinity`, and nothing as 0. */
const DIGITS = /^\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Parses the value of an option: a whole number, in digits, by one of core's rules, which the library and run.json follow too. */
export function wholeAs(form: Form): (text: string) => number {
  return (text) => parsed(text, DIGITS, form);
}

/** As {@link wholeAs}, of a number in decimal notation: `0.001`, `1e-3`. */
export function numberAs(form: Form): (text: string) => number {
  return (text) => parsed(text, DECIMAL, form);
}

function parsed(text: string, notation: RegExp, { text: expected, fits }: Form): number {
  const value = notation.test(text) ? Number(text) : NaN;
  if (fits(value)) return value;
  throw new InvalidArgumentError(`Expected ${expected}.`);
}

/** Parses the value of an option: words, separated by commas. */
export function words(text: string): readonly string[] {
  return text.split(',').map((word) => word.trim());
}

/** As {@link wholeAs}, of several numbers, separated by commas. */
export function wholesAs(form: Form): (text: string) => readonly number[] {
  const whole = wholeAs(form);
  return (text) => words(text).map(whole);
}

/** Parses the value of an option: a path. An empty one, as of a shell variable that is not set, would be the current folder. */
export function path(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Expected a path.');
}

/** Adds the value of an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Parses `height=224,width=224`: sizes of axes by their names. */
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
    'Expected images x channels x height x width, whole numbers of 1 and more: 1x1x28x28.',
  );
}
