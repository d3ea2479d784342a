// Reads what a candidate answers. It may be anybody's program: whatever it prints is checked before it is believed.
import { messageOf } from '@isonet/core';
import type { Answers, Failed } from '../protocol.ts';
import { shortened } from '../reportFields.ts';

/** Any object that JSON can hold. */
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
  // Of a device that keeps no count, some programs say null.
  close: (fields) =>
    typeof fields['deviceBytes'] === 'number' ? { deviceBytes: bytes(fields, 'deviceBytes') } : {},
};

/** No answer takes so long, in milliseconds: what sums and quotients of times make stays finite. */
const LONGEST_MS = 1e9;

/**
 * The answer on a line.
 * @param what the request that it answers
 * @throws Error saying what is wrong with it
 */
export function readAnswer<Do extends keyof Answers>(what: Do, line: string): Answers[Do] | Failed {
  const fields = parsed(line);
  const { error } = fields;
  return typeof error === 'string' ? { error } : readers[what](fields);
}

/** The most of a line that an error quotes. */
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
  throw new Error(`${name}: expected a text, got ${shownValue(value)}`);
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
