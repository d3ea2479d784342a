// What is wrong with a folder that lacks IDX files: it is not there, it is a file, or the files have other names.
import { readdir, stat } from 'node:fs/promises';
import { DataError } from '@isonet/core';

/** A folder that was searched, and what it lacks. */
export interface MissingFiles {
  /** Begins the message: `data`, `Fashion-MNIST`. */
  readonly what: string;
  readonly folder: string;
  /** What a folder has to have, for people. */
  readonly expected: string;
  /** Names without .gz. */
  readonly missing: readonly string[];
  /** What to do other than to bring the files: `or leave the folder out`. */
  readonly otherwise: string;
}

/** The error for a folder without all of its files. */
export async function missingFilesError({
  what,
  folder,
  expected,
  missing,
  otherwise,
}: MissingFiles): Promise<DataError> {
  const fail = (problem: string): DataError =>
    new DataError('DATA_MISSING', `${what} in "${folder}": ${problem}`);
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) return fail(`there is no such folder; check the path, ${otherwise}`);
  if (!info.isDirectory()) {
    return fail(`expected a folder, got a file; name the folder that holds it, ${otherwise}`);
  }
  const near = nearMisses(await fileNames(folder), missing);
  const fix = near.length > 0 ? near.join(', ') : 'put them there';
  return fail(
    `expected the four files ${expected}, got none for ${missing.join(', ')}; ${fix}, ${otherwise}`,
  );
}

async function fileNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).toSorted();
}

/**
 * How to make the missing files of those in a folder that nearly have their names: `rename A to B`. Empty where there are none,
 * or no such folder.
 */
export async function renamesFor(folder: string, missing: readonly string[]): Promise<readonly string[]> {
  return nearMisses(await fileNames(folder), missing);
}

/** Whether a file has nearly the name of an IDX file. */
export function isLikeIdx(name: string): boolean {
  return LIKE_IDX.test(name);
}

/** `train-images-idx3-ubyte.gz`, in any case, with other separators, and an archive's ending. */
const LIKE_IDX =
  /^(?<part>train|t10k|test)[-_. ]?(?<kind>image|label)s?(?:[-_. ]?idx(?<rank>[134]))?(?:[-_. ]?ubyte)?(?:\.idx)?(?<gz>\.gz)?(?<archive>\.(?:zip|tar|tgz|bz2|xz|7z|zst))?$/i;

/** How to make a missing file of one that nearly has its name: `rename A to B`. */
function nearMisses(names: readonly string[], missing: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const { part, kind, rank, gz, archive } = LIKE_IDX.exec(name)?.groups ?? {};
    if (part === undefined || kind === undefined) return [];
    const start = `${part.toLowerCase() === 'train' ? 'train' : 't10k'}-${kind.toLowerCase()}s-idx`;
    const wanted = missing.find((file) => file.startsWith(start));
    if (wanted === undefined) return [];
    if (archive !== undefined) return [`unpack ${name}`];
    const target = rank === '4' ? wanted.replace('idx3', 'idx4') : wanted;
    return [`rename ${name} to ${target}${gz === undefined ? '' : '.gz'}`];
  });
}
