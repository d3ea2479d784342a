// The data of a run: found by @isonet/data, brought to the size that the model takes, cut where a run asks for less.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Dataset, ImageClassifier } from '@isonet/core';
import { DataError, split, take } from '@isonet/core';
import type { DataFolder, DataSource, ImageDataset, ResizedDataset } from '@isonet/data';
import { FASHION_MNIST_CLASSES, idxFilesText, loadDataFolder, loadFashionMnist, resized } from '@isonet/data';
import type { RunOptions } from './folder/options.ts';
import type { RunData, RunRecord } from './folder/record.ts';
import { counted } from './words.ts';

/** Labelled images as a model takes them. */
export interface ModelData {
  readonly train: ResizedDataset;
  readonly test: ResizedDataset;
  /** Its text says the new size, too, if there is one. */
  readonly source: DataSource;
  /** The images as they came. */
  readonly original: { readonly train: ImageDataset; readonly test: ImageDataset };
}

/**
 * The images of a folder, of any kind that is read, or else Fashion-MNIST where it is found, resized to what the model takes.
 * @param folder as it was typed; undefined or null: what is found
 * @throws DataError `DATA_MODEL` when the model takes other channels or classes; otherwise as `loadDataFolder` or
 *   `loadFashionMnist`
 */
export async function loadData(
  cwd: string,
  folder: string | null | undefined,
  model: ImageClassifier,
): Promise<ModelData> {
  const [classCount] = model.output.shape;
  const isNamed = folder !== undefined && folder !== null;
  const loaded: DataFolder = isNamed
    ? await loadDataFolder(resolve(cwd, folder), classCount)
    : await loadFashionMnist();
  const { train, test, source } = loaded;
  const { imageShape } = train;
  const [channels, height, width] = model.input.shape;
  if (imageShape[0] !== channels || train.classes.length !== classCount) {
    throw misfit(model, isNamed ? `the data in ${folder}` : 'Fashion-MNIST, the default,', loaded);
  }
  if (imageShape[1] === height && imageShape[2] === width)
    return { train, test, source, original: { train, test } };
  return {
    train: resized(train, [height, width]),
    test: resized(test, [height, width]),
    source: { ...source, text: `${source.text}, resized to ${height}x${width}` },
    original: { train, test },
  };
}

/** By their number of classes, data sets in colour that `isonet data fetch` knows. */
const PUBLISHED_IN_COLOUR: ReadonlyMap<number, string> = new Map([
  [10, 'cifar10'],
  [20, 'cifar100'],
  [100, 'cifar100'],
]);

/** The error for data of other channels or classes, with both ways out. @param found the data, for people */
function misfit(
  { name, input, output }: ImageClassifier,
  found: string,
  { train: { imageShape, classes }, highestLabel }: DataFolder,
): DataError {
  const [wanted, got] = [output.shape[0], classes.length];
  const shapes = `${name} takes images [${input.shape.join(', ')}] of ${counted(wanted, 'class', 'classes')}; ${found} has [${imageShape.join(', ')}] of ${got}`;
  // A single wrong label changes the number of classes.
  const why =
    highestLabel === undefined || got === wanted
      ? ''
      : `, because the highest label is ${highestLabel.label}, first met at index ${highestLabel.index} of ${highestLabel.file}`;
  const others = [
    ...(imageShape[0] === input.shape[0] ? [] : [`${counted(imageShape[0], 'channel')} in its input shape`]),
    ...(got === wanted ? [] : [`${got} as its output shape and in its last layer`]),
  ];
  const published = input.shape[0] === 3 ? PUBLISHED_IN_COLOUR.get(wanted) : undefined;
  const orFetch =
    published === undefined ? '' : `, or fetch one that fits, npx isonet data fetch ${published}`;
  return new DataError(
    'DATA_MODEL',
    `${shapes}${why}: name a folder with images that fit, --data FOLDER, with ${idxFilesText(input.shape[0], wanted)}${orFetch}; or give the network ${others.join(', and ')}`,
  );
}

/** The first `limit` images; null: all. @throws DataError `DATA_LIMIT` when there are fewer */
export function firstImages(data: Dataset, limit: number | null): Dataset {
  if (limit === null) return data;
  if (limit > data.length) {
    throw new DataError(
      'DATA_LIMIT',
      `--limit ${limit}: the data has ${counted(data.length, 'training image')}; ask for fewer or leave it out`,
    );
  }
  return take(data, limit);
}

/** The images that a run is trained on, and those that are held back for validation, where it has one. */
export interface TrainingImages {
  readonly train: Dataset;
  readonly validation: Dataset | undefined;
}

/**
 * The training images of a run: the first `limit`, then split by its seed.
 * @throws DataError `DATA_LIMIT` when there are fewer; `DATA_VALIDATION` when a part of the split would be empty
 */
export function trainingImages(
  data: Dataset,
  { limit, validation, seed }: Pick<RunOptions, 'limit' | 'validation' | 'seed'>,
): TrainingImages {
  const images = firstImages(data, limit);
  if (validation === null) return { train: images, validation: undefined };
  try {
    const [train, held] = split(images, { held: validation, seed });
    return { train, validation: held };
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(
      'DATA_VALIDATION',
      `--validation ${validation}: of ${counted(images.length, 'training image')}, that leaves none to train on or none to validate on; choose another fraction`,
      { cause },
    );
  }
}

/** The names of a run's classes. */
export function classNamesOf({
  data: { classes = FASHION_MNIST_CLASSES },
}: Pick<RunRecord, 'data'>): readonly string[] {
  return classes;
}

/** The data's entry in run.json. */
export function describeData(data: ModelData, { train, validation }: TrainingImages): RunData {
  return {
    ...data.source,
    train: train.length,
    ...(validation ? { validation: validation.length } : {}),
    test: data.test.length,
    ...(data.train.classes === FASHION_MNIST_CLASSES ? {} : { classes: data.train.classes }),
    sha256: digestOf(data.original.train),
    testSha256: digestOf(data.original.test),
  };
}

/**
 * SHA-256 of images and labels as they came, in hex: a resumed run must see the same. Labels count with every
 * byte in memory, so the same classes in a wider array are other data.
 */
export function digestOf({ images, labels }: ImageDataset): string {
  return createHash('sha256').update(images).update(labels).digest('hex');
}
