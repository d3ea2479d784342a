// Loads labelled images from four IDX files: grey or in colour, of any size and number of classes.
import { DataError, shapeText } from '@isonet/core';
import { type ClassNames, findClassNames } from '../classNames.ts';
import { createDataset, type ImageDataset } from '../dataset.ts';
import { FASHION_MNIST_IMAGE_SHAPE } from '../fashionMnist.ts';
import type { ImageShape } from '../imageShape.ts';
import { countsText, type LoadedData } from '../loaded.ts';
import type { IdxArray, IdxLabels } from './idx.ts';
import { missingFilesError } from './missingFiles.ts';
import { MNIST_CLASSES, type PublishedIdx, publishedAs } from './published.ts';
import { findIdx, readIdx, readIdxLabels } from './readIdx.ts';

/** The names of image files; the rank is read from the file itself. */
const IMAGES = ['images-idx3-ubyte', 'images-idx4-ubyte'] as const;
const LABELS = ['labels-idx1-ubyte'] as const;

/**
 * A 32-bit label may be as large as 2 billion, and each class up to the highest label needs a name, in memory and in
 * run.json.
 */
const MAX_CLASSES = 65_536;

/** Training and test images, and the label that determines their number of classes. */
export interface IdxFolder extends LoadedData {
  /** Undefined if the classes are known from a published dataset or a file of names. */
  readonly highestLabel: HighestLabel | undefined;
}

/** The first occurrence of the highest label, which determines the number of classes. */
export interface HighestLabel {
  readonly label: number;
  /** The path of its file. */
  readonly file: string;
  /** The index of its image, from 0. */
  readonly index: number;
}

/**
 * Loads the images of a folder with four IDX files. The images are `train-images-idx3-ubyte` and `t10k-images-idx3-ubyte`,
 * `[n, height, width]`, or `idx4`, `[n, channels, height, width]`, bytes. The labels are `train-labels-idx1-ubyte` and
 * `t10k-labels-idx1-ubyte`, integers from 0. Each file is plain or .gz, with `-idx` or `.idx` in its name.
 *
 * The class names are those in `classes.txt` or `labels.txt`, one per line, if the folder has such a file; those of MNIST
 * or Fashion-MNIST if the files match them byte for byte; otherwise 0, 1, ... up to the highest label.
 * @param classes the number of classes that the model needs. Grey 28x28 images may have ten classes even if no label is 9
 * @throws DataError `DATA_MISSING` naming the missing files; `DATASET` if the files do not belong together, or a label is
 *   above 65,535 or has no name; `CLASS_NAMES` if the file of names is damaged; otherwise as `readIdx` and `readIdxLabels`
 */
export async function loadIdxFolder(folder: string, classes: number): Promise<IdxFolder> {
  const [train, test] = [await findPair(folder, 'train'), await findPair(folder, 't10k')];
  const missing = [...train.missing, ...test.missing];
  if (!train.paths || !test.paths) {
    const expected = `${filesText()}, each plain or .gz (colour images: idx4)`;
    const otherwise = 'or choose another folder';
    throw await missingFilesError({ what: 'data', folder, expected, missing, otherwise });
  }
  const [trainFiles, testFiles] = [await readPair(train.paths), await readPair(test.paths)];
  const shape = imageShapeOf(trainFiles.images, train.paths.images);
  const testShape = imageShapeOf(testFiles.images, test.paths.images);
  if (shapeText(shape) !== shapeText(testShape)) {
    throw new DataError(
      'DATASET',
      `data in "${folder}": expected test images ${shapeText(shape)}, like the training images, got ${shapeText(testShape)}`,
    );
  }
  const [ofTraining, ofTest] = [
    highestLabelOf(trainFiles.labels, train.paths),
    highestLabelOf(testFiles.labels, test.paths),
  ];
  const highestLabel = ofTest.label > ofTraining.label ? ofTest : ofTraining;
  const named = await findClassNames(folder);
  const published = publishedAs({
    trainImages: trainFiles.images,
    trainLabels: trainFiles.labels,
    testImages: testFiles.images,
    testLabels: testFiles.labels,
  });
  const names = named === undefined ? published?.classes : namesFor(highestLabel, named);
  const isMnistLike =
    classes === MNIST_CLASSES.length && shapeText(shape) === shapeText(FASHION_MNIST_IMAGE_SHAPE);
  const count = Math.max(highestLabel.label + 1, isMnistLike ? classes : 0);
  const all = names ?? Array.from({ length: count }, (_, k) => String(k));
  const dataset = (name: string, { images, labels }: Pair): ImageDataset =>
    createDataset({ name, imageShape: shape, classes: all, images: images.data, labels: labels.data });
  const data = { train: dataset('train', trainFiles), test: dataset('test', testFiles) };
  const text = sourceText({ ...data, published, folder });
  return {
    ...data,
    source: { kind: 'folder', path: folder, text },
    highestLabel: names === undefined ? highestLabel : undefined,
  };
}

/** @throws DataError `DATASET` for a label without a name */
function namesFor(
  { label, index, file }: HighestLabel,
  { names, file: namesFile }: ClassNames,
): readonly string[] {
  if (label < names.length) return names;
  throw new DataError(
    'DATASET',
    `idx "${file}": label ${index}: expected a label from 0 to ${names.length - 1}, the classes named in "${namesFile}", got ${label}; add the missing names there, or remove that file`,
  );
}

function sourceText({
  train,
  test,
  published,
  folder,
}: Pick<LoadedData, 'train' | 'test'> & {
  readonly published: PublishedIdx | undefined;
  readonly folder: string;
}): string {
  const counts = countsText({ train, test }, ' and ');
  if (published !== undefined) return `data: ${published.title}, ${counts} from ${folder}`;
  const n = train.classes.length;
  const ofClasses = `${n.toLocaleString('en-US')} ${n === 1 ? 'class' : 'classes'}`;
  return `data: ${counts} ${shapeText(train.imageShape)} of ${ofClasses} from ${folder}`;
}

/**
 * Describes the files that {@link loadIdxFolder} reads, and their contents:
 * `train-images-idx3-ubyte (bytes [N, H, W]), train-labels-idx1-ubyte (0 .. 9), ...`
 */
export function idxFilesText(channels: number, classes: number): string {
  const [rank, images] = channels === 1 ? [3, '[N, H, W]'] : [4, `[N, ${channels}, H, W]`];
  return ['train', 't10k']
    .flatMap((part, i) => [
      `${part}-images-idx${rank}-ubyte${i === 0 ? ` (bytes ${images})` : ''}`,
      `${part}-labels-idx1-ubyte${i === 0 ? ` (0 .. ${classes - 1})` : ''}`,
    ])
    .join(', ');
}

interface Paths {
  readonly images: string;
  readonly labels: string;
}

interface Pair {
  readonly images: IdxArray;
  readonly labels: IdxLabels;
}

async function findPair(
  folder: string,
  part: string,
): Promise<{ readonly paths: Paths | undefined; readonly missing: readonly string[] }> {
  const images = await find(folder, part, IMAGES);
  const labels = await find(folder, part, LABELS);
  const missing = [
    ...(images === undefined ? [`${part}-${IMAGES[0]}`] : []),
    ...(labels === undefined ? [`${part}-${LABELS[0]}`] : []),
  ];
  const paths = images === undefined || labels === undefined ? undefined : { images, labels };
  return { paths, missing };
}

async function find(folder: string, part: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = await findIdx(folder, `${part}-${name}`);
    if (path !== undefined) return path;
  }
  return undefined;
}

async function readPair({ images, labels }: Paths): Promise<Pair> {
  return { images: await readIdx(images), labels: await readIdxLabels(labels) };
}

/** Returns the shape of one image. Grey images are stored without a channel axis. */
function imageShapeOf({ shape }: IdxArray, path: string): ImageShape {
  const [, a, b, c] = shape;
  if (shape.length === 3 && a !== undefined && b !== undefined) return [1, a, b];
  if (shape.length === 4 && a !== undefined && b !== undefined && c !== undefined) return [a, b, c];
  throw new DataError(
    'DATASET',
    `idx "${path}": expected images [n, height, width] or [n, channels, height, width], got ${shapeText(shape)}`,
  );
}

/** @throws DataError `DATASET` for a label that is too high to be a class */
function highestLabelOf({ data }: IdxLabels, { labels: file }: Paths): HighestLabel {
  let [label, index] = [0, 0];
  // Do not use Math.max(...data): there may be more labels than a call can have arguments.
  for (const [i, value] of data.entries()) if (value > label) [label, index] = [value, i];
  if (label < MAX_CLASSES) return { label, file, index };
  throw new DataError(
    'DATASET',
    `idx "${file}": label ${index}: expected a label from 0 to ${MAX_CLASSES - 1}, got ${label}; number the classes from 0 without gaps`,
  );
}

function filesText(): string {
  return ['train', 't10k'].flatMap((part) => [`${part}-${IMAGES[0]}`, `${part}-${LABELS[0]}`]).join(', ');
}
