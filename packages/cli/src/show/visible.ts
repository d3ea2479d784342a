// Makes text from outside harmless: names of files, runs, models, classes and layers, and what libraries say. On a terminal, a
// control character in one would colour, move or overwrite what stands around it, and a bidi control would reorder it.
import { defined } from '@isonet/core';

/**
 * Controls, line separators, formatting characters that are not seen, and halves of surrogate pairs. The two joiners stay:
 * Persian, Indic scripts and emoji are written with them.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/** The text on one line, with what is not seen as escapes: `\n`, `\x1b`, `\u202e`, `\u{e0001}`. */
export function visible(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (character) => SHORT[character] ?? escapeOf(defined(character.codePointAt(0), 'a code point')),
  );
}

/** JSON whose text has the same escapes, as JSON writes them: it means the same, and steers no terminal. */
export function visibleJson(json: string): string {
  return json.replaceAll(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  );
}

function escapeOf(code: number): string {
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 0)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
