// Commands for people to copy. Every name in one is quoted here, where a shell would otherwise read it as something else.

/** What no shell takes for anything but itself. A ~ at the start is a home folder, a - would be an option. */
const PLAIN = /^[\w@%+:,./][\w@%+=:,./~-]*$/;
/** On Windows, paths have backslashes, and % may name a variable. */
const PLAIN_ON_WINDOWS = /^[\w+:./\\][\w@+:./\\~-]*$/;

/**
 * A word of a command line as one types it: quoted where a shell needs that, for sh or, on Windows, cmd and PowerShell.
 * @param platform as `process.platform`
 */
export function shellWord(word: string, platform: string = process.platform): string {
  if (platform === 'win32') return PLAIN_ON_WINDOWS.test(word) ? word : `"${word}"`;
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command to copy, with each value as one word: `` command`npx isonet evaluate ${run}` `` */
export function command(texts: TemplateStringsArray, ...words: readonly (string | number)[]): string {
  return String.raw({ raw: texts }, ...words.map((word) => shellWord(String(word))));
}
