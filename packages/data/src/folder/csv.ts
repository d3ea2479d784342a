// Parses comma-separated values strictly according to RFC 4180: a field with a comma, a quote or a line break is
// quoted, and quotes inside are doubled. The text is untrusted; anything else is an error that names the line.
import { DataError } from '@isonet/core';

/** A record, and the line where it starts, from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** An unquoted field. */
const BARE = /[^",\r\n]*/y;
/** The end of a field. */
const END = /,|\r?\n|$/y;

/**
 * Yields the records of a text, skipping empty lines. Lines end in LF or CRLF.
 * @param name the name of the text, for errors
 * @throws DataError `MANIFEST` naming the first invalid line
 */
export function* csvRecords(text: string, name: string): Generator<CsvRecord, undefined, undefined> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  let begin = 1;
  let fields: string[] = [];
  const matched = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [all] = pattern.exec(text) ?? [undefined];
    if (all !== undefined) {
      at += all.length;
      return all;
    }
    throw new DataError(
      'MANIFEST',
      `${name}, line ${line}: expected a comma or the end of the line after a field, got ${JSON.stringify(text[at])}; put the whole field in quotes, and double the quotes inside`,
    );
  };
  while (at < text.length || fields.length > 0) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1, `${name}, line ${line}`);
      const field = text.slice(at + 1, end);
      line += field.split('\n').length - 1;
      fields.push(field.replaceAll('""', '"'));
      at = end + 1;
    } else {
      fields.push(matched(BARE));
    }
    if (matched(END) === ',') continue;
    if (fields.length > 1 || fields[0] !== '') yield { line: begin, fields };
    fields = [];
    begin = ++line;
  }
  return undefined;
}

/** Returns the position of the quote that ends a field; doubled quotes are part of the field. */
function closingQuote(text: string, from: number, where: string): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  if (at >= 0) return at;
  throw new DataError(
    'MANIFEST',
    `${where}: expected a quote at the end of the field, got the end of the file`,
  );
}
