// Checks the names in a file, which end up in messages, terminals, run folders and other files.
import { DataError } from '@isonet/core';

/** The maximum length of a name: no exporter writes longer ones, and a message may quote several. */
export const MAX_NAME = 1000;

/** Characters that would break a line, or color, move or reorder text in a terminal. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns whether a text is a single line that a terminal prints verbatim. */
export function isPrintable(text: string): boolean {
  return text.search(CONTROLS) < 0;
}

/** @throws DataError `ONNX` for a name that cannot be printed on one line */
export function checkName(name: string, what: string): void {
  if (name.length <= MAX_NAME && isPrintable(name)) return;
  const expected = `a name of at most ${MAX_NAME} characters, without control characters`;
  // Drops a surrogate pair that the slice cut in two.
  const start = name
    .slice(0, 40)
    .replace(CONTROLS, '?')
    .replace(/\p{Cs}/gu, '');
  throw new DataError('ONNX', `${what} "${start}...": expected ${expected}, got ${name.length} characters`);
}
