// Makes external text harmless: names of files, runs, models, classes and layers, and messages of libraries. On a terminal, a control
// character would colour, move or overwrite the text around it, and a bidirectional control would reorder it.
import { defined } from '@isonet/core';

/**
 * Control characters, line separators, invisible formatting characters, and unpaired surrogates. The two joiners stay: Persian,
 * Indic scripts and emoji need them.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/** Returns the text on one line, with invisible characters escaped: `\n`, `\x1b`, `\u202e`, `\u{e0001}`. */
export function visible(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (character) => SHORT[character] ?? escapeOf(defined(character.codePointAt(0), 'a code point')),
  );
}

/** Escapes the same characters in JSON text. The JSON keeps its meaning and cannot control a terminal. */
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
