// Finds Fashion-MNIST's four files: in a folder that was named, a cache, a system package, or the package
// @isonet/fashion-mnist-sample. It never downloads, and it always says where the data came from.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError } from '@isonet/core';
import type { sampleFiles } from '@isonet/fashion-mnist-sample';
import { cacheFolderOf } from './cacheFolder.ts';
import { createDataset } from './dataset.ts';
import { fashionMnistDataset } from './fashionMnist.ts';
import { missingFilesError, renamesFor } from './idx/missingFiles.ts';
import { type FourFiles, publishedAs } from './idx/published.ts';
import { findIdx, readIdx, readIdxLabels } from './idx/readIdx.ts';
import { countsText, type LoadedData } from './loaded.ts';

/** Where to look for Fashion-MNIST; see {@link loadFashionMnist}. */
export interface FashionMnistOptions {
  /** Take the files from here and nowhere else. */
  readonly folder?: string;
  /** Default: the environment's ISONET_DATA, else isonet/fashion-mnist in XDG_CACHE_HOME or ~/.cache. */
  readonly cacheFolder?: string;
  /** Where a system package puts the files. Default: /usr/share/datasets/fashion-mnist (Debian). */
  readonly systemFolder?: string;
}

/** Fashion-MNIST, and where it came from. */
export type FashionMnist = LoadedData;

/** In this order: training images, training labels, test images, test labels. */
type FourPaths = readonly [string, string, string, string];

const FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;
const SYSTEM_FOLDER = '/usr/share/datasets/fashion-mnist';
const WHOLE_DATA =
  'for all 70,000: npx isonet data fetch fashion-mnist, or --data FOLDER with the four files';
const OTHER_CACHE =
  'set XDG_CACHE_HOME to a folder that you may read, as XDG_CACHE_HOME=/tmp/cache, or name the data: --data FOLDER';

interface Place {
  readonly kind: 'folder' | 'cache' | 'system';
  readonly path: string;
  /** Named by somebody: then anything less than four whole files is an error. */
  readonly named: boolean;
}

/**
 * Loads Fashion-MNIST from `folder` if one is given; else from the first of cache and system folder that has it; else
 * the sample. A folder has it as four files, each plain or .gz, `train-images-idx3-ubyte` or `train-images.idx3-ubyte`; with some of the four, or with files that nearly have their
 * names, it is an error, never skipped.
 * So is a folder that the ISONET_DATA variable names and that does not have them.
 * @throws DataError `DATA_MISSING` when files are missing, or neither they nor the sample are there; otherwise as `readIdx`,
 * `readIdxLabels` and `fashionMnistDataset`.
 */
export async function loadFashionMnist(options: FashionMnistOptions = {}): Promise<FashionMnist> {
  for (const place of places(options)) {
    const files = await Promise.all(FILES.map((name) => findIn(place, name)));
    const [trainImages, trainLabels, testImages, testLabels] = files;
    if (trainImages && trainLabels && testImages && testLabels) {
      const paths = [trainImages, trainLabels, testImages, testLabels] as const;
      const { title, ...data } = await readFour('fashion-mnist', paths);
      const text = `data: ${title}, ${countsText(data, ' and ')} from ${place.path}`;
      return { ...data, source: { kind: place.kind, path: place.path, text } };
    }
    const missing = FILES.filter((_, i) => files[i] === undefined);
    const isWanted = place.named || missing.length < FILES.length;
    if (isWanted || (await renamesFor(place.path, missing)).length > 0)
      throw await incomplete(place, missing);
  }
  return loadFashionMnistSample();
}

/**
 * The sample of the package @isonet/fashion-mnist-sample: 8,000 training and 1,000 test images, as many of each class. For
 * tests and first steps; numbers to compare with anybody's need the whole data.
 * @throws DataError `DATA_MISSING` when that package is not installed; as `readIdx`, when it is damaged.
 */
export async function loadFashionMnistSample(): Promise<FashionMnist> {
  const { trainImages, trainLabels, testImages, testLabels } = await findSample();
  const { train, test } = await readFour('fashion-mnist-sample', [
    fileURLToPath(trainImages),
    fileURLToPath(trainLabels),
    fileURLToPath(testImages),
    fileURLToPath(testLabels),
  ]);
  const text = `data: a sample of Fashion-MNIST (${countsText({ train, test }, ', ')}); ${WHOLE_DATA}`;
  return { train, test, source: { kind: 'sample', path: dirname(fileURLToPath(trainImages)), text } };
}

/** The package is an optional peer: with the whole data at hand nobody needs it. */
async function findSample(): Promise<typeof sampleFiles> {
  try {
    return (await import('@isonet/fashion-mnist-sample')).sampleFiles;
  } catch (cause) {
    throw new DataError(
      'DATA_MISSING',
      `Fashion-MNIST is not installed: npm install @isonet/fashion-mnist-sample for 9,000 of its images; ${WHOLE_DATA}`,
      { cause },
    );
  }
}

/** @throws DataError `FILE_UNREADABLE` naming the fix for a place that nobody has named */
async function findIn({ path, named }: Place, name: string): Promise<string | undefined> {
  try {
    return await findIdx(path, name);
  } catch (error) {
    if (named || !(error instanceof DataError)) throw error;
    throw new DataError(error.code, `${error.message}; ${OTHER_CACHE}`, { cause: error });
  }
}

/** The places to look at, first to last. */
function places({
  folder,
  cacheFolder,
  systemFolder = SYSTEM_FOLDER,
}: FashionMnistOptions): readonly Place[] {
  if (folder !== undefined) return [{ kind: 'folder', path: folder, named: true }];
  const fromEnvironment = process.env['ISONET_DATA'];
  const system: Place = { kind: 'system', path: systemFolder, named: false };
  if (cacheFolder === undefined && fromEnvironment) {
    return [{ kind: 'cache', path: fromEnvironment, named: true }, system];
  }
  const path = cacheFolder ?? cacheFolderOf('fashion-mnist');
  return path === undefined ? [system] : [{ kind: 'cache', path, named: false }, system];
}

/** What four files hold, under the names of Fashion-MNIST's classes, unless they are MNIST's files, which have the same form. */
async function readFour(
  name: string,
  paths: FourPaths,
): Promise<Pick<FashionMnist, 'train' | 'test'> & { readonly title: string }> {
  const files: FourFiles = {
    trainImages: await readIdx(paths[0], 3),
    trainLabels: await readIdxLabels(paths[1]),
    testImages: await readIdx(paths[2], 3),
    testLabels: await readIdxLabels(paths[3]),
  };
  const train = fashionMnistDataset(`${name}/train`, files.trainImages, files.trainLabels);
  const test = fashionMnistDataset(`${name}/test`, files.testImages, files.testLabels);
  const published = publishedAs(files);
  if (published === undefined || published.classes === train.classes) {
    return { train, test, title: 'Fashion-MNIST' };
  }
  const { title, classes } = published;
  return {
    train: createDataset({ ...train, name: `${title.toLowerCase()}/train`, classes }),
    test: createDataset({ ...test, name: `${title.toLowerCase()}/test`, classes }),
    title,
  };
}

function incomplete({ kind, path, named }: Place, missing: readonly string[]): Promise<DataError> {
  const byName = kind === 'folder' ? 'or leave the folder out' : 'or unset ISONET_DATA';
  return missingFilesError({
    what: 'Fashion-MNIST',
    folder: path,
    expected: `${FILES.join(', ')}, each plain or .gz`,
    missing,
    otherwise: named ? byName : 'or remove the others',
  });
}
