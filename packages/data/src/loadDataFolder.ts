// Decides what the data in a folder are, by the names of its files, and reads them.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataError, messageOf } from '@isonet/core';
import { MANIFEST } from './folder/list.ts';
import { CIFAR100_FILES, CIFAR10_FILES, loadCifar10, loadCifar100 } from './cifar/cifarFolder.ts';
import { type IdxFolder, loadIdxFolder } from './idx/idxFolder.ts';
import { isLikeIdx } from './idx/missingFiles.ts';
import type { LoadedData } from './loaded.ts';

/** Data of a folder; `highestLabel` where it decides how many classes there are. */
export type DataFolder = LoadedData & Partial<Pick<IdxFolder, 'highestLabel'>>;

/** What lies in a folder, by name. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** One kind of folder. */
interface FolderKind {
  /** What it is called, and which files it has, for people. */
  readonly title: string;
  readonly expected: string;
  /** Whether a folder is meant to be of this kind, complete or not. */
  readonly fits: (listing: Listing) => boolean;
  /** @param classCount how many classes are wanted */
  readonly load: (folder: string, classCount: number) => Promise<DataFolder>;
}

/** The first that fits is read. A folder of several kinds is refused. */
const KINDS: readonly FolderKind[] = [
  {
    title: 'IDX',
    expected: 'train-images-idx3-ubyte and its three companions (IDX, as MNIST)',
    fits: ({ files }) => files.some(isLikeIdx),
    load: loadIdxFolder,
  },
  {
    title: 'CIFAR-10',
    expected: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin (CIFAR-10)',
    fits: ({ files }) => files.some((name) => /^data_batch_\d\.bin$|^test_batch\.bin$/.test(name)),
    load: loadCifar10,
  },
  {
    title: 'CIFAR-100',
    expected: 'train.bin and test.bin (CIFAR-100)',
    fits: ({ files }) => files.includes('train.bin') || files.includes('test.bin'),
    // Twenty classes are its groups of classes.
    load: (folder, classCount) => loadCifar100(folder, { labels: classCount === 20 ? 'coarse' : 'fine' }),
  },
];

/** Folders that archives unpack to, which may be inside the named one. */
const INNER: readonly string[] = [CIFAR10_FILES.folder, CIFAR100_FILES.folder];

/**
 * The labelled images in a folder: four IDX files (see {@link loadIdxFolder}), CIFAR-10 or CIFAR-100 in their binary form (see
 * {@link loadCifar10}), or a folder that has one of theirs inside, `cifar-10-batches-bin` or `cifar-100-binary`.
 * @param classCount how many classes are wanted, by a model say; 20 of CIFAR-100 are its groups
 * @throws DataError `DATA_MISSING` for a folder that is not there, has none of these, or not all files of one; `DATA_KIND` for
 *   one that has files of several; otherwise as the readers
 */
export async function loadDataFolder(folder: string, classCount: number): Promise<DataFolder> {
  const listing = await list(folder);
  const kinds = KINDS.filter(({ fits }) => fits(listing));
  const [kind, other] = kinds;
  if (kind === undefined) {
    const inner = INNER.filter((name) => listing.folders.includes(name));
    const [only] = inner;
    if (only !== undefined && inner.length === 1) return loadDataFolder(join(folder, only), classCount);
    throw unknown(folder, listing, inner);
  }
  if (other !== undefined) {
    throw new DataError(
      'DATA_KIND',
      `data in "${folder}": expected one data set, got files of ${kinds.map(({ title }) => title).join(' and ')}; move them to folders of their own`,
    );
  }
  return kind.load(folder, classCount);
}

/**
 * Whether a folder is one of pictures, for `loadImageFolder`: it has folders, or a manifest, and no files of another kind. False where
 * there is no such folder.
 */
export async function isPictureFolder(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) return false;
  const listing = await list(folder);
  if (KINDS.some(({ fits }) => fits(listing))) return false;
  if (isPythonCifar(basename(folder), listing.files, listing.folders)) return false;
  const folders = listing.folders.filter((name) => !INNER.includes(name));
  return folders.length > 0 || listing.files.includes(MANIFEST);
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
    return { files: named(false), folders: named(true) };
  } catch (cause) {
    throw fail(`cannot be listed (${messageOf(cause)}); make it readable`, cause);
  }
}

const MOST_SHOWN = 4;

function unknown(folder: string, { files, folders }: Listing, inner: readonly string[]): DataError {
  const all = [...files, ...folders.map((name) => `${name}/`)];
  const more = all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : '';
  const found = all.length === 0 ? 'nothing' : `${all.slice(0, MOST_SHOWN).join(', ')}${more}`;
  const hints = [
    ...(inner.length > 1 ? [`name one of them: ${inner.map((name) => join(folder, name)).join(', ')}`] : []),
    ...(isPythonCifar(basename(folder), files, folders)
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
    `data in "${folder}": expected ${KINDS.map(({ expected }) => expected).join(', or ')}, or a folder of pictures for each class; got ${found}; ${fix}`,
  );
}

/** Pickled batches: no name ends in .bin. */
function isPythonCifar(name: string, files: readonly string[], folders: readonly string[]): boolean {
  const ofPython = ['cifar-10-batches-py', 'cifar-100-python'];
  return files.includes('data_batch_1') || [name, ...folders].some((each) => ofPython.includes(each));
}
