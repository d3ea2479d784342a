// A part of an image folder as a dataset. Workers decode the files on demand, and a cache of limited size keeps the images
// as bytes.
import { createHash } from 'node:crypto';
import { DataError, type Dataset, type Draw, int32 } from '@isonet/core';
import type { ImageBatch } from '../dataset.ts';
import type { ImageShape } from '../imageShape.ts';
import { imageBytes } from '../imageShape.ts';
import { normalized } from '../picture/normalized.ts';
import type { Preprocessing } from '../preprocessing.ts';
import type { ImageCache } from './cache.ts';
import type { ListedPicture } from './listing.ts';
import type { Decoders } from './workers/decoders.ts';
import type { Stamp } from './workers/job.ts';

/** A dataset of image files with their classes. */
export interface PictureDataset extends Dataset {
  /** The name in messages and reports: `train`, `validation`, `test`. */
  readonly name: string;
  readonly length: number;
  /** `[channels, height, width]` */
  readonly imageShape: ImageShape;
  /** How files are converted to tensors. */
  readonly preprocessing: Preprocessing;
  /** The class names: label k is `classes[k]`. */
  readonly classes: readonly string[];
  /** `[length]`. Shared, not copied: do not modify. */
  readonly labels: Int32Array;
  /** `[length]`, the paths of the files, relative to the folder. */
  readonly paths: readonly string[];
  /** The SHA-256 of the paths, classes and contents of the files, in hex. It identifies the data. */
  readonly sha256: string;
  /**
   * Returns the images at `indices`, in that order, preprocessed but not normalized.
   * `indices: [n] -> [n, channels, height, width]`, bytes
   * @throws DataError `SAMPLE_INDEX` if an index is out of range; `DATA_CHANGED`, `FILE_MISSING`, `FILE_UNREADABLE`,
   *   `IMAGE_UNREADABLE` naming a file that has changed since the folder was loaded
   */
  pixels(indices: ArrayLike<number>): Promise<Uint8Array>;
  /**
   * Returns the samples at `indices`, in that order, normalized.
   * `indices: [n] -> inputs: float32 [n, channels, height, width]; labels: int32 [n]`
   * @throws DataError as {@link pixels}
   */
  batch(indices: ArrayLike<number>, draw?: Draw): Promise<ImageBatch>;
}

/** An image file that can be decoded. */
export interface ScannedPicture extends ListedPicture {
  readonly stamp: Stamp;
  readonly sha256: string;
}

/** The resources that the parts of a folder share. */
export interface Shared {
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly decoders: Decoders;
  readonly cache: ImageCache;
}

/** Creates a dataset of one or more image files. */
export function pictureDataset(
  name: string,
  pictures: readonly ScannedPicture[],
  { classes, preprocessing, decoders, cache }: Shared,
): PictureDataset {
  const { shape } = preprocessing;
  const size = imageBytes(shape);
  const labels = Int32Array.from(pictures, ({ label }) => label);
  const pictureAt = (index: number | undefined): ScannedPicture => {
    const picture = index === undefined ? undefined : pictures[index];
    if (picture !== undefined) return picture;
    throw new DataError(
      'SAMPLE_INDEX',
      `dataset "${name}": expected an index from 0 to ${pictures.length - 1}, got ${index}`,
    );
  };
  const imageOf = async ({ file, stamp }: ScannedPicture): Promise<Uint8Array> => {
    const kept = cache.get(file);
    if (kept !== undefined) return kept;
    const { image } = await decoders.run({ file, preprocessing, stamp, hash: false, measure: false });
    cache.add(file, image);
    return image;
  };
  const pixels = async (indices: ArrayLike<number>): Promise<Uint8Array> => {
    const wanted = Array.from(indices, pictureAt);
    const images = new Uint8Array(wanted.length * size);
    await Promise.all(wanted.map(async (picture, i) => images.set(await imageOf(picture), i * size)));
    return images;
  };
  return {
    name,
    length: pictures.length,
    imageShape: shape,
    preprocessing,
    classes,
    labels,
    paths: pictures.map(({ path }) => path),
    sha256: digestOf(pictures, classes),
    pixels,
    batch: async (indices) => {
      if (indices.length === 0) {
        throw new DataError('SAMPLE_INDEX', `dataset "${name}": a batch needs at least one index`);
      }
      const inputs = normalized(await pixels(indices), preprocessing);
      return {
        inputs,
        labels: int32(
          [indices.length],
          Int32Array.from(indices, (index) => labels[index]!),
        ),
      };
    },
  };
}

/** Returns the digest of a dataset. Names cannot contain a zero byte, so different lists never have the same text. */
export function digestOf(pictures: readonly ScannedPicture[], classes: readonly string[]): string {
  const hash = createHash('sha256');
  for (const { path, label, sha256 } of pictures) hash.update(`${path}\0${classes[label]}\0${sha256}\0`);
  return hash.digest('hex');
}
