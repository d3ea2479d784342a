// Reads the class names of a folder from a text file, as annotation tools write it: one name per line, starting with class
// 0.
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import { FASHION_MNIST_CLASSES } from './fashionMnist.ts';
import { fileExists, readBoundedFile } from './readFile.ts';

/** The files to look for; the first one that exists is read. */
const CLASS_FILES: readonly string[] = ['classes.txt', 'labels.txt'];

const MAX_FILE_BYTES = 2 ** 22;
const MAX_NAMES = 65_536;
const MAX_NAME_LENGTH = 256;

/** Class names, and their file. */
export interface ClassNames {
  readonly names: readonly string[];
  readonly file: string;
}

/**
 * Reads the class names in `classes.txt` or `labels.txt` of a folder; undefined if it has neither.
 * @throws DataError as {@link readNames}
 */
export async function findClassNames(folder: string): Promise<ClassNames | undefined> {
  for (const name of CLASS_FILES) {
    const file = join(folder, name);
    if (await fileExists(file)) return { names: await readNames(file), file };
  }
  return undefined;
}

/**
 * Reads a UTF-8 file with one name per line, ignoring empty lines at its end.
 * @throws DataError `CLASS_NAMES` naming the first line that is empty, too long or a duplicate, or if there are no names or
 *   more than 65,536; `FILE_UNREADABLE`
 */
export async function readNames(file: string): Promise<readonly string[]> {
  const bytes = await readBoundedFile('class names', file, MAX_FILE_BYTES);
  const fail = (problem: string): DataError =>
    new DataError('CLASS_NAMES', `class names "${file}": ${problem}`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // Decoding drops a byte order mark.
  } catch (cause) {
    throw new DataError('CLASS_NAMES', `class names "${file}": expected UTF-8; save it in that encoding`, {
      cause,
    });
  }
  const names = text
    .trimEnd()
    .split('\n', MAX_NAMES + 1)
    .map((line) => line.trim());
  if (names.length > MAX_NAMES) throw fail(`expected at most ${MAX_NAMES} names, one per line, got more`);
  const seen = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    if (name === '') throw fail(`line ${i + 1}: expected the name of class ${i}, got nothing`);
    if (name.length > MAX_NAME_LENGTH) {
      throw fail(
        `line ${i + 1}: expected a name of at most ${MAX_NAME_LENGTH} characters, got ${name.length}`,
      );
    }
    const first = seen.get(name);
    if (first !== undefined)
      throw fail(`lines ${first} and ${i + 1}: expected different names, got the same one; rename a class`);
    seen.set(name, i + 1);
  }
  return sameNames(names, FASHION_MNIST_CLASSES) ? FASHION_MNIST_CLASSES : names;
}

function sameNames(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, i) => name === others[i]);
}
