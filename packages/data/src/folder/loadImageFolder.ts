/// <reference lib="esnext.disposable" preserve="true" />
// Loads a folder of image files as datasets for training, validation and testing.
import {
  checkGiven,
  DataError,
  fieldsOf,
  flag,
  type Form,
  type Forms,
  optional,
  ranges,
  shapeText,
  wholeFrom,
} from '@isonet/core';
import type { DataSource } from '../loaded.ts';
import { type Preprocessing, preprocessingFromJson, preprocessingToJson } from '../preprocessing.ts';
import { defaultCacheBytes, ImageCache } from './cache.ts';
import { listImageFolder } from './list.ts';
import type { ListedPicture, Listing, Part } from './listing.ts';
import { digestOf, type PictureDataset, pictureDataset, type ScannedPicture } from './pictureDataset.ts';
import { scan, type ScanProgress, type ScanSignal, type SkippedPicture } from './scan.ts';
import { dividedBy, type SplitFractions } from './split.ts';
import { counted } from './walk.ts';
import { Decoders, workersFor } from './workers/decoders.ts';

/** Options of {@link loadImageFolder}. */
export interface ImageFolderOptions {
  readonly preprocessing: Preprocessing;
  /** A CSV file with the columns path, label and, optionally, split. Default: `labels.csv` in the folder, if there is one. */
  readonly manifest?: string;
  /** If the folder is not divided: the fraction of each class to hold out for testing. Default 0.2. */
  readonly test?: number;
  /**
   * The digest of a network's training images. Images are held out only if the folder, split by the other options, has the
   * same training images. Otherwise, all images are new to that network, and all are in `train`.
   */
  readonly trainedOn?: string;
  /** Like `test`, for validation. Default 0. */
  readonly validation?: number;
  /** The seed that determines which images are held out: an integer below 2^32. Default 0. */
  readonly seed?: number;
  /** Whether an image file that cannot be decoded is an error. Default false: it is skipped. */
  readonly strict?: boolean;
  /**
   * The size of the in-memory cache of preprocessed images, in bytes. Default: 512 MiB, or a quarter of the memory if that
   * is less.
   */
  readonly cacheBytes?: number;
  /**
   * The number of workers that decode; 0: decode on the calling thread. Default: one less than the number of cores, from 1
   * to 8; 0 for fewer than 64 images.
   */
  readonly workers?: number;
  /**
   * A signal, such as an AbortSignal. Once it is aborted, loading stops with its reason, or with a DataError `STOPPED`.
   */
  readonly signal?: ScanSignal;
  /** Called while image files are read. */
  readonly onProgress?: (progress: ScanProgress) => void;
}

/** The images of a folder. Disposing of it stops the workers that decode them. */
export interface ImageFolder extends AsyncDisposable {
  readonly train: PictureDataset;
  /** Undefined if the folder has none and none were requested. */
  readonly validation: PictureDataset | undefined;
  readonly test: PictureDataset | undefined;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly source: DataSource;
  /** The image files that cannot be read or decoded, in the order of their paths. */
  readonly skipped: readonly SkippedPicture[];
  /** Ignored files and likely mistakes, one line each. */
  readonly notes: readonly string[];
}

/**
 * Loads a folder of image files (png, jpg, jpeg, webp, gif, tif, tiff, avif): `CLASS/name.jpg`, the same inside
 * `train`, `test` and `val` (or `validation`), or the files listed in a manifest.
 *
 * Every file is read, decoded and hashed once, in workers if there are many. Files that cannot be decoded are excluded
 * before training starts. From then on, an index always means the same file: a file that has changed since is an error
 * that names it.
 * ```ts
 * await using folder = await loadImageFolder('flowers', { preprocessing: preprocessing([3, 96, 96], { fit: 'cover' }) });
 * await fit({ ..., train: folder.train, test: folder.test });
 * ```
 * @throws DataError `DATA_MISSING`, `DATA_FOLDER`, `MANIFEST`, `FILE_UNREADABLE` for an invalid folder or manifest;
 *   `IMAGE_UNREADABLE` with `strict`; `DECODER_MISSING` without sharp; `OPTION`
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions): Promise<ImageFolder> {
  const { strict = false, cacheBytes = defaultCacheBytes(), signal, onProgress } = options;
  checkGiven('loadImageFolder', { options: [fieldsOf(OPTIONS), options] });
  const preprocessing = preprocessingFromJson(preprocessingToJson(options.preprocessing), 'preprocessing');
  const listing = await listImageFolder(folder, options.manifest);
  checkClasses(listing);
  const { workers = workersFor(listing.pictures.length) } = options;
  const decoders = new Decoders(workers);
  const cache = new ImageCache(cacheBytes);
  const dispose = async (): Promise<void> => {
    cache.clear();
    await decoders[Symbol.asyncDispose]();
  };
  try {
    const scanned = new Map<ListedPicture, ScannedPicture>();
    let lost = 0;
    const skipped = await scan(listing, decoders, {
      preprocessing,
      measure: false,
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
      onPicture: (picture, { stamp, sha256, image, inkLost }) => {
        scanned.set(picture, { ...picture, stamp, sha256 });
        cache.add(picture.file, image);
        if (inkLost) lost++;
      },
    });
    const [first] = skipped;
    if (strict && first !== undefined) throw unreadable(folder, skipped.length, listing, first);
    const readable = {
      ...listing,
      pictures: listing.pictures.flatMap((picture) => scanned.get(picture) ?? []),
    };
    const parts = partsOf(readable, options);
    const shared = { classes: listing.classes, preprocessing, decoders, cache };
    const datasetOf = (name: Part): PictureDataset | undefined => {
      const pictures = parts[name];
      return pictures.length === 0 ? undefined : pictureDataset(name, pictures, shared);
    };
    const train = datasetOf('train');
    if (train === undefined) {
      throw new DataError('DATA_FOLDER', `images in "${folder}": no training images`);
    }
    const [validation, test] = [datasetOf('validation'), datasetOf('test')];
    return {
      train,
      validation,
      test,
      classes: listing.classes,
      preprocessing,
      skipped,
      source: {
        kind: 'folder',
        path: folder,
        text: sourceText(folder, { train, validation, test }, skipped),
      },
      notes: [
        ...listing.notes,
        ...(lost === 0 ? [] : [inkText(lost, preprocessing)]),
        ...(decoders.fallback === undefined || workers === 0
          ? []
          : [`images are decoded on the main thread, because no worker could start: ${decoders.fallback}`]),
      ],
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const HELD: Form = {
  ...ranges.rate,
  text: 'a fraction, at least 0 and below 1',
};

const ANY: Form = { text: 'an option', fits: () => true };
const OPTIONS: Forms<ImageFolderOptions> = {
  preprocessing: ANY, // Checked by its own reader.
  manifest: ANY,
  test: optional(HELD),
  validation: optional(HELD),
  seed: optional(ranges.seed),
  trainedOn: optional({ text: 'a digest', fits: (value) => typeof value === 'string' }),
  strict: optional(flag),
  cacheBytes: optional(ranges.countFrom0),
  workers: optional(wholeFrom(0, 64)),
  signal: ANY,
  onProgress: ANY,
};

/** @throws DataError `DATA_FOLDER` for a class without images, or if there is only one class */
function checkClasses({ folder, classes, pictures, notes }: Listing): void {
  const found = new Set(pictures.map(({ label }) => label));
  const empty = classes.find((_, label) => !found.has(label));
  const fail = (...problems: readonly string[]): DataError =>
    new DataError('DATA_FOLDER', `images in "${folder}": ${problems.join('; ')}`);
  // Ignored files are the likely reason.
  if (pictures.length === 0) throw fail('expected at least one image, got none', ...notes);
  if (empty !== undefined)
    throw fail(`class "${empty}" has no images; add some or remove its folder`, ...notes);
  if (classes.length === 1) throw fail(`expected at least two classes, got only "${classes[0]}"`);
}

/** Returns the parts that the folder defines, or else splits its images by the options. */
function partsOf(
  listing: Omit<Listing, 'pictures'> & { readonly pictures: readonly ScannedPicture[] },
  { test, validation = 0, seed = 0, trainedOn }: ImageFolderOptions,
): Readonly<Record<Part, readonly ScannedPicture[]>> {
  const { pictures, classes, folder } = listing;
  const fail = (problem: string): DataError =>
    new DataError('DATA_FOLDER', `images in "${folder}": ${problem}`);
  const of = (part: Part): readonly ScannedPicture[] => pictures.filter((picture) => picture.part === part);
  const own = { train: of('train'), validation: of('validation'), test: of('test') };
  const hasOwn = own.validation.length + own.test.length > 0;
  if (hasOwn && ((test !== undefined && test > 0) || validation > 0)) {
    throw fail('the folder has its own test or validation split; leave out the options test and validation');
  }
  const fractions = { test: test ?? 0.2, validation, seed };
  const isKnown = trainedOn === undefined || hasOwn || hasDigest(listing, fractions, trainedOn);
  const parts = hasOwn ? own : dividedBy(listing, isKnown ? fractions : { test: 0, validation: 0, seed });
  const trained = new Set(parts.train.map(({ label }) => label));
  const missing = classes.find((_, label) => !trained.has(label));
  if (missing !== undefined) throw fail(`class "${missing}" has no readable training images`);
  return parts;
}

/** Returns whether the training images of a folder have this digest. False if the folder cannot be split. */
function hasDigest(
  listing: Parameters<typeof dividedBy>[0],
  fractions: SplitFractions,
  sha256: string,
): boolean {
  try {
    return digestOf(dividedBy(listing, fractions).train, listing.classes) === sha256;
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
}

function unreadable(folder: string, count: number, { pictures }: Listing, first: SkippedPicture): DataError {
  return new DataError(
    'IMAGE_UNREADABLE',
    `images in "${folder}": ${count} of ${pictures.length} are unreadable; the first is ${first.path}: ${first.error}`,
  );
}

function inkText(lost: number, { invert }: Preprocessing): string {
  const what = lost === 1 ? '1 image is' : `${lost.toLocaleString('en-US')} images are`;
  return `${what} blank: transparent, with visible pixels that match the background; ${invert ? 'leave out invert' : 'try invert'}`;
}

/**
 * Formats the source:
 * `data: 240 training and 60 test images [3, 96, 96] of 3 classes from flowers; skipped 2 unreadable files`
 */
function sourceText(
  folder: string,
  { train, validation, test }: Pick<ImageFolder, 'train' | 'validation' | 'test'>,
  skipped: readonly SkippedPicture[],
): string {
  const counts = [
    `${train.length.toLocaleString('en-US')} training`,
    ...(validation === undefined ? [] : [`${validation.length.toLocaleString('en-US')} validation`]),
    ...(test === undefined ? [] : [`${test.length.toLocaleString('en-US')} test`]),
  ];
  const list = counts.length === 1 ? counts[0] : `${counts.slice(0, -1).join(', ')} and ${counts.at(-1)}`;
  const left = skipped.length === 0 ? '' : `; skipped ${counted(skipped.length, 'unreadable file')}`;
  return `data: ${list} images ${shapeText(train.imageShape)} of ${train.classes.length} classes from ${folder}${left}`;
}
