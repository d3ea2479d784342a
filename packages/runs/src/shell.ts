// Commands for people to copy. Every name in one is quoted here, where a shell would otherwise read it as something else.
import { defined } from '@isonet/core';

/** What no shell takes for anything but itself. A ~ at the start is a home folder, a - would be an option. */
const PLAIN = /^[\w@%+:,./][\w@%+=:,./~-]*$/;
/** On Windows, paths have backslashes, and % may name a variable. */
const PLAIN_ON_WINDOWS = /^[\w+:./\\][\w@+:./\\~-]*$/;

/** What nobody sees on a line, or what breaks it: it is printed as an escape, so it has to be typed as one. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * A word of a command line as one types it: quoted where a shell needs that, for sh or, on Windows, cmd and PowerShell. Controls
 * are escaped as bash and zsh read them: `$'a\nb'`.
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

/** A command to copy, with each value as one word: `` command`npx isonet evaluate ${run}` `` */
export function command(texts: TemplateStringsArray, ...words: readonly (string | number)[]): string {
  return String.raw({ raw: texts }, ...words.map((word) => shellWord(String(word))));
}
