// Reads and checks the answers of a candidate, which may be any program.
import { messageOf } from '@isonet/core';
import type { Answers, Failed } from '../protocol.ts';
import { shortened } from '../reportFields.ts';

/** An object of parsed JSON. */
type Fields = Readonly<Record<string, unknown>>;

const readers: { readonly [Do in keyof Answers]: (fields: Fields) => Answers[Do] } = {
  open: (fields) => ({
    text: text(fields, 'text'),
    firstMilliseconds: firstTime(fields),
    ...lossOf(fields),
  }),
  check: (fields) => ({ logits: numbers(fields, 'logits') }),
  run: (fields) => ({ milliseconds: times(fields), ...lossOf(fields) }),
  product: (fields) => ({ milliseconds: times(fields) }),
  // Some programs send null if the device does not count its memory.
  close: (fields) =>
    typeof fields['deviceBytes'] === 'number' ? { deviceBytes: bytes(fields, 'deviceBytes') } : {},
};

/** An upper limit for times in milliseconds, which keeps their sums and quotients finite. */
const LONGEST_MS = 1e9;

/**
 * Parses an answer.
 * @param what the request that the line answers
 * @throws Error that names the problem
 */
export function readAnswer<Do extends keyof Answers>(what: Do, line: string): Answers[Do] | Failed {
  const fields = parsed(line);
  const { error } = fields;
  return typeof error === 'string' ? { error } : readers[what](fields);
}

/** The number of characters that an error quotes from a line. */
const QUOTED = 60;

function parsed(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    const begin = line.length > QUOTED ? `${line.slice(0, QUOTED)}...` : line;
    throw new Error(`expected a line of JSON, got ${JSON.stringify(begin)} (${messageOf(cause)})`, { cause });
  }
  if (!isFields(value)) throw new Error(`expected a JSON object, got ${line.slice(0, QUOTED)}`);
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return shortened(value);
  throw new Error(`${name}: expected a string, got ${shownValue(value)}`);
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (isNumber(value)) return value;
  throw new Error(`${name}: expected a finite number, got ${shownValue(value)}`);
}

function numbers(fields: Fields, name: string): readonly number[] {
  const value = fields[name];
  if (Array.isArray(value) && value.every(isNumber)) return value;
  throw new Error(`${name}: expected a list of numbers`);
}

function times(fields: Fields): readonly number[] {
  const milliseconds = numbers(fields, 'milliseconds');
  if (milliseconds.every((time) => time >= 0 && time < LONGEST_MS)) return milliseconds;
  throw new Error('milliseconds: expected times of at least 0 and below 1e9');
}

function firstTime(fields: Fields): number {
  const milliseconds = number(fields, 'firstMilliseconds');
  if (milliseconds > 0 && milliseconds < LONGEST_MS) return milliseconds;
  throw new Error(`firstMilliseconds: expected a time above 0 and below 1e9, got ${milliseconds}`);
}

function lossOf(fields: Fields): { readonly loss?: number } {
  return fields['loss'] === undefined ? {} : { loss: number(fields, 'loss') };
}

function bytes(fields: Fields, name: string): number {
  const value = number(fields, name);
  if (value >= 0) return value;
  throw new Error(`${name}: expected at least 0 bytes, got ${value}`);
}

function shownValue(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, QUOTED);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
