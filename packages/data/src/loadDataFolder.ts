// Decides what the data in a folder are, by the names of its files, and reads them.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataError, messageOf } from '@isonet/core';
import {
  CIFAR100_FILES,
  CIFAR10_FILES,
  type CifarFiles,
  loadCifar10,
  loadCifar100,
} from './cifar/cifarFolder.ts';
import { MANIFEST } from './folder/list.ts';
import { type IdxFolder, loadIdxFolder } from './idx/idxFolder.ts';
import { isLikeIdx } from './idx/missingFiles.ts';
import type { LoadedData } from './loaded.ts';

/** Data of a folder; `highestLabel` where it decides how many classes there are. */
export type DataFolder = LoadedData & Partial<Pick<IdxFolder, 'highestLabel'>>;

/** What lies in a folder, by name. */
export interface Listing {
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** One kind of folder. */
interface FolderKind {
  readonly title: string;
  /** Which files it has, for people. */
  readonly expected: string;
  /** Whether a folder is meant to be of this kind, complete or not. */
  readonly fits: (listing: Listing) => boolean;
  /** @param classCount how many classes are wanted */
  readonly load: (listing: Listing, classCount: number) => Promise<DataFolder>;
}

/** A folder is of one kind; one that fits several is refused. */
const KINDS: readonly FolderKind[] = [
  {
    title: 'IDX',
    expected: 'train-images-idx3-ubyte and its three companions (IDX, as MNIST)',
    fits: ({ files }) => files.some(isLikeIdx),
    load: ({ path }, classCount) => loadIdxFolder(path, classCount),
  },
  cifarKind(CIFAR10_FILES, 'data_batch_1.bin to data_batch_5.bin and test_batch.bin', loadCifar10),
  cifarKind(CIFAR100_FILES, 'train.bin and test.bin', (folder, classCount) =>
    // Twenty classes are its groups of classes.
    loadCifar100(folder, { labels: classCount === 20 ? 'coarse' : 'fine' }),
  ),
];

/** Its files, or the folder that its archive unpacks to, with them inside. */
function cifarKind(
  names: CifarFiles,
  expected: string,
  load: (folder: string, classCount: number) => Promise<LoadedData>,
): FolderKind {
  const hasFiles = ({ files }: Listing): boolean =>
    [...names.train, ...names.test].some((name) => files.includes(name));
  return {
    title: names.title,
    expected: `${expected} (${names.title})`,
    fits: (listing) => hasFiles(listing) || listing.folders.includes(names.folder),
    load: (listing, classCount) =>
      load(hasFiles(listing) ? listing.path : join(listing.path, names.folder), classCount),
  };
}

/**
 * The labelled images in a folder: four IDX files (see {@link loadIdxFolder}), CIFAR-10 or CIFAR-100 in their binary form (see
 * {@link loadCifar10}), or a folder that has one of theirs inside, `cifar-10-batches-bin` or `cifar-100-binary`.
 * @param classCount how many classes are wanted, by a model say; 20 of CIFAR-100 are its groups
 * @throws DataError `DATA_MISSING` for a folder that is not there, has none of these, or not all files of one; `DATA_KIND` for
 *   one that has several; otherwise as the readers
 */
export async function loadDataFolder(folder: string, classCount: number): Promise<DataFolder> {
  const listing = await list(folder);
  const kinds = KINDS.filter(({ fits }) => fits(listing));
  const [kind, other] = kinds;
  if (kind === undefined) throw unknown(listing);
  if (other === undefined) return kind.load(listing, classCount);
  throw new DataError(
    'DATA_KIND',
    `data in "${folder}": expected one data set, got ${kinds.map(({ title }) => title).join(' and ')}; name a folder that has one of them`,
  );
}

/**
 * Whether a folder is one of pictures, for `loadImageFolder`: it has folders, or a manifest, and no files of another kind. False if
 * the folder does not exist.
 */
export async function isPictureFolder(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) return false;
  const listing = await list(folder);
  if (KINDS.some(({ fits }) => fits(listing))) return false;
  if (isPythonCifar(basename(folder), listing.files, listing.folders)) return false;
  return listing.folders.length > 0 || listing.files.includes(MANIFEST);
}

async function list(folder: string): Promise<Listing> {
  const fail = (problem: string, cause?: unknown): DataError =>
    new DataError('DATA_MISSING', `data in "${folder}": ${problem}, or name another folder`, { cause });
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) throw fail('there is no such folder; check the path');
  if (!info.isDirectory()) throw fail('expected a folder, got a file; name the folder that holds it');
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const named = (isWanted: boolean): readonly string[] =>
      entries.flatMap((entry) => (entry.isDirectory() === isWanted ? [entry.name] : [])).toSorted();
    return { path: folder, files: named(false), folders: named(true) };
  } catch (cause) {
    throw fail(`cannot be listed (${messageOf(cause)}); make it readable`, cause);
  }
}

const MOST_SHOWN = 4;

function unknown({ path, files, folders }: Listing): DataError {
  const all = [...files, ...folders.map((name) => `${name}/`)];
  const more = all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : '';
  const found = all.length === 0 ? 'nothing' : `${all.slice(0, MOST_SHOWN).join(', ')}${more}`;
  const hints = [
    ...(isPythonCifar(basename(path), files, folders)
      ? ['the Python form of CIFAR is not read: fetch the binary one, npx isonet data fetch cifar10']
      : []),
    ...files
      .filter((name) => /\.(?:tar\.gz|tgz|tar|zip|7z)$/i.test(name))
      .slice(0, 1)
      .map((name) => `unpack ${name}`),
  ];
  const fix = hints[0] ?? 'put one of them there, or name another folder';
  return new DataError(
    'DATA_MISSING',
    `data in "${path}": expected ${KINDS.map(({ expected }) => expected).join(', or ')}, or a folder of pictures for each class; got ${found}; ${fix}`,
  );
}

/** Pickled batches: no name ends in .bin. */
function isPythonCifar(name: string, files: readonly string[], folders: readonly string[]): boolean {
  const ofPython = ['cifar-10-batches-py', 'cifar-100-python'];
  return files.includes('data_batch_1') || [name, ...folders].some((each) => ofPython.includes(each));
}
