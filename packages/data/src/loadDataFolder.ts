// Detects the kind of data in a folder by the names of its files, and loads it.
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

/** The data of a folder; `highestLabel` is set if it determines the number of classes. */
export type DataFolder = LoadedData & Partial<Pick<IdxFolder, 'highestLabel'>>;

/** The names of the files and folders in a folder. */
export interface Listing {
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** A kind of data folder. */
interface FolderKind {
  readonly title: string;
  /** A description of its files. */
  readonly expected: string;
  /** Whether a folder seems to be of this kind, complete or not. */
  readonly fits: (listing: Listing) => boolean;
  /** @param classCount the number of classes that the model needs */
  readonly load: (listing: Listing, classCount: number) => Promise<DataFolder>;
}

/** The kinds of data folders. A folder that matches several kinds is an error. */
const KINDS: readonly FolderKind[] = [
  {
    title: 'IDX',
    expected: 'train-images-idx3-ubyte and its three companions (IDX, like MNIST)',
    fits: ({ files }) => files.some(isLikeIdx),
    load: ({ path }, classCount) => loadIdxFolder(path, classCount),
  },
  cifarKind(CIFAR10_FILES, 'data_batch_1.bin to data_batch_5.bin and test_batch.bin', loadCifar10),
  cifarKind(CIFAR100_FILES, 'train.bin and test.bin', (folder, classCount) =>
    // Twenty classes means the groups of CIFAR-100.
    loadCifar100(folder, { labels: classCount === 20 ? 'coarse' : 'fine' }),
  ),
];

/** Matches the files of a CIFAR archive, or the folder that the archive unpacks to. */
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
 * Loads the labelled images in a folder: four IDX files (see {@link loadIdxFolder}), or the binary version of CIFAR-10
 * or CIFAR-100 (see {@link loadCifar10}), either directly or in a subfolder `cifar-10-batches-bin` or
 * `cifar-100-binary`.
 * @param classCount the number of classes that the model needs; with 20, CIFAR-100 is loaded with its groups
 * @throws DataError `DATA_MISSING` if the folder does not exist, has none of these, or lacks some files; `DATA_KIND` if
 *   it has several of these; otherwise as the loader of the detected kind
 */
export async function loadDataFolder(folder: string, classCount: number): Promise<DataFolder> {
  const listing = await list(folder);
  const kinds = KINDS.filter(({ fits }) => fits(listing));
  const [kind, other] = kinds;
  if (kind === undefined) throw unknown(listing);
  if (other === undefined) return kind.load(listing, classCount);
  throw new DataError(
    'DATA_KIND',
    `data in "${folder}": expected one dataset, got ${kinds.map(({ title }) => title).join(' and ')}; choose a folder that has only one of them`,
  );
}

/**
 * Returns whether a folder contains image files for `loadImageFolder`: it has subfolders or a manifest, and no files of
 * another kind. False if the folder does not exist.
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
    new DataError('DATA_MISSING', `data in "${folder}": ${problem}, or choose another folder`, { cause });
  const info = await stat(folder).catch(() => undefined);
  if (info === undefined) throw fail('no such folder; check the path');
  if (!info.isDirectory()) throw fail('expected a folder, got a file; pass the folder that contains it');
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
      ? [
          'the Python version of CIFAR is not supported: fetch the binary one with npx isonet data fetch cifar10',
        ]
      : []),
    ...files
      .filter((name) => /\.(?:tar\.gz|tgz|tar|zip|7z)$/i.test(name))
      .slice(0, 1)
      .map((name) => `unpack ${name}`),
  ];
  const fix = hints[0] ?? 'add one of them, or choose another folder';
  return new DataError(
    'DATA_MISSING',
    `data in "${path}": expected ${KINDS.map(({ expected }) => expected).join(', or ')}, or a folder of images for each class; got ${found}; ${fix}`,
  );
}

/** Returns whether a folder holds the pickled batches of CIFAR, whose names do not end in .bin. */
function isPythonCifar(name: string, files: readonly string[], folders: readonly string[]): boolean {
  const ofPython = ['cifar-10-batches-py', 'cifar-100-python'];
  return files.includes('data_batch_1') || [name, ...folders].some((each) => ofPython.includes(each));
}
