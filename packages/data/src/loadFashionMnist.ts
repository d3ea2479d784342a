// Finds the four files of Fashion-MNIST in a named folder, the cache, a system package or the package
// @isonet/fashion-mnist-sample. It never downloads, and it always reports the source of the data.
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

/** Options of {@link loadFashionMnist}: where to look for Fashion-MNIST. */
export interface FashionMnistOptions {
  /** The only folder to look in. */
  readonly folder?: string;
  /**
   * The cache. Default: the environment variable ISONET_DATA, or else isonet/fashion-mnist in XDG_CACHE_HOME or ~/.cache.
   */
  readonly cacheFolder?: string;
  /** The folder of a system package. Default: /usr/share/datasets/fashion-mnist (Debian). */
  readonly systemFolder?: string;
}

/** Fashion-MNIST, and its source. */
export type FashionMnist = LoadedData;

/** The paths of training images, training labels, test images and test labels, in this order. */
type FourPaths = readonly [string, string, string, string];

const FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;
const SYSTEM_FOLDER = '/usr/share/datasets/fashion-mnist';
const WHOLE_DATA =
  'for all 70,000 images: npx isonet data fetch fashion-mnist, or --data FOLDER with the four files';
const OTHER_CACHE =
  'set XDG_CACHE_HOME to a folder that you can read, such as XDG_CACHE_HOME=/tmp/cache, or pass the data: --data FOLDER';

interface Place {
  readonly kind: 'folder' | 'cache' | 'system';
  readonly path: string;
  /** Whether the user named this place, so that missing files are an error. */
  readonly named: boolean;
}

/**
 * Loads Fashion-MNIST from `folder` if one is given. Otherwise, it searches the cache, then the system folder, and
 * finally loads the sample. The dataset consists of four files, each plain or .gz, named `train-images-idx3-ubyte` or
 * `train-images.idx3-ubyte`. A folder with only some of the four, or with files of similar names, is an error and never
 * skipped. A folder that is named in the variable ISONET_DATA but has none of the files is an error, too.
 * @throws DataError `DATA_MISSING` if files are missing, or neither the files nor the sample can be found; otherwise as
 *   `readIdx`, `readIdxLabels` and `fashionMnistDataset`.
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
 * Loads the sample in the package @isonet/fashion-mnist-sample: 8,000 training and 1,000 test images, equally many of each
 * class. It is meant for tests and first steps; comparable results need the complete dataset.
 * @throws DataError `DATA_MISSING` if that package is not installed; as `readIdx` if it is damaged.
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

/** Imports the sample. Its package is an optional peer, because users with the complete dataset do not need it. */
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

/** Finds a file in a place. @throws DataError `FILE_UNREADABLE`, with a fix for a place that the user did not name */
async function findIn({ path, named }: Place, name: string): Promise<string | undefined> {
  try {
    return await findIdx(path, name);
  } catch (error) {
    if (named || !(error instanceof DataError)) throw error;
    throw new DataError(error.code, `${error.message}; ${OTHER_CACHE}`, { cause: error });
  }
}

/** Returns the places to search, in this order. */
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

/** Reads four files. The classes are those of Fashion-MNIST unless the files are MNIST's, which have the same shapes. */
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
