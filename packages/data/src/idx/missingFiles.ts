// Explains why a folder lacks IDX files: it does not exist, it is a file, or the files have other names.
import { readdir, stat } from 'node:fs/promises';
import { DataError } from '@isonet/core';

/** A folder that was searched, and the files that it lacks. */
export interface MissingFiles {
  /** The first word of the message: `data`, `Fashion-MNIST`. */
  readonly what: string;
  readonly folder: string;
  /** A description of the expected files. */
  readonly expected: string;
  /** The names of the missing files, without .gz. */
  readonly missing: readonly string[];
  /** The alternative to adding the files: `or leave the folder out`. */
  readonly otherwise: string;
}

/** Builds the error for a folder that lacks some of its files. */
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
  if (info === undefined) return fail(`no such folder; check the path, ${otherwise}`);
  if (!info.isDirectory()) {
    return fail(`expected a folder, got a file; pass the folder that contains it, ${otherwise}`);
  }
  const near = nearMisses(await fileNames(folder), missing);
  const fix = near.length > 0 ? near.join(', ') : 'add them';
  return fail(
    `expected the four files ${expected}, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; ${fix}, ${otherwise}`,
  );
}

async function fileNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).toSorted();
}

/**
 * Suggests how to rename files in a folder whose names nearly match the missing ones: `rename A to B`. Empty if there
 * are no such names or the folder does not exist.
 */
export async function renamesFor(folder: string, missing: readonly string[]): Promise<readonly string[]> {
  return nearMisses(await fileNames(folder), missing);
}

/** Returns whether a name is, or nearly matches, that of an IDX file. */
export function isLikeIdx(name: string): boolean {
  return LIKE_IDX.test(name);
}

/**
 * Matches `train-images-idx3-ubyte.gz` and similar names: in upper or lower case, with other separators, or with the
 * extension of an archive.
 */
const LIKE_IDX =
  /^(?<part>train|t10k|test)[-_. ]?(?<kind>image|label)s?(?:[-_. ]?idx(?<rank>[134]))?(?:[-_. ]?ubyte)?(?:\.idx)?(?<gz>\.gz)?(?<archive>\.(?:zip|tar|tgz|bz2|xz|7z|zst))?$/i;

/** Suggests how to rename files whose names nearly match the missing ones: `rename A to B`. */
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
