// The names in a file, which reach messages, terminals, run folders and other files.
import { DataError } from '@isonet/core';

/** No exporter makes longer names, and messages quote several of them. */
export const MAX_NAME = 1000;

/** What would break a line, or colour, move or reorder the text of a terminal. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Whether a text is one line that a terminal shows as it is. */
export function isPrintable(text: string): boolean {
  return text.search(CONTROLS) < 0;
}

/** @throws DataError `ONNX` for a name that could not be printed in a line */
export function checkName(name: string, what: string): void {
  if (name.length <= MAX_NAME && isPrintable(name)) return;
  const expected = `a name of at most ${MAX_NAME} characters, without control characters`;
  // Without the character that may be cut in two.
  const start = name
    .slice(0, 40)
    .replace(CONTROLS, '?')
    .replace(/\p{Cs}/gu, '');
  throw new DataError('ONNX', `${what} "${start}...": expected ${expected}, got ${name.length} characters`);
}
