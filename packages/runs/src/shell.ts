// Builds shell commands that users can copy, quoting each argument that a shell would otherwise interpret.
import { defined } from '@isonet/core';

/** Words that need no quotes. A leading ~ would expand to the home folder, and a leading - would be an option. */
const PLAIN = /^[\w@%+:,./][\w@%+=:,./~-]*$/;
/** The same for Windows, where paths contain backslashes and % may start a variable. */
const PLAIN_ON_WINDOWS = /^[\w+:./\\][\w@+:./\\~-]*$/;

/** Invisible characters and line breaks. They are printed as escapes, so the user has to type them as escapes. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Quotes a word of a command line if a shell needs quotes: for sh or, on Windows, for cmd and PowerShell. Control
 * characters are escaped in the notation of bash and zsh: `$'a\nb'`.
 * @param platform as `process.platform`
 */
export function shellWord(word: string, platform: string = process.platform): string {
  if (platform === 'win32') return PLAIN_ON_WINDOWS.test(word) ? word : `"${word}"`;
  if (UNSEEN.test(word)) return `$'${Array.from(word, escaped).join('')}'`;
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (!UNSEEN.test(character)) return character;
  const code = defined(character.codePointAt(0), 'a code point');
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Builds a command to copy and quotes each value as one word: `` command`npx isonet evaluate ${run}` `` */
export function command(texts: TemplateStringsArray, ...words: readonly (string | number)[]): string {
  return String.raw({ raw: texts }, ...words.map((word) => shellWord(String(word))));
}
