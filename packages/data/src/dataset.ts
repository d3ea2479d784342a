// Labelled images in memory, and their conversion to tensors. Images stay bytes, a quarter of their float size; only the
// current batch is converted. This module reads no files and needs nothing from Node, so it runs in a browser unchanged.
import { type Batch, classLabel, DataError, type Dataset, float32, int32, type TensorOf } from '@isonet/core';
import { imageBytes, imageCount, type ImageShape } from './imageShape.ts';
import { type ImageSize, resizeImages } from './resize.ts';

/** `[n]`, the class of each image, from 0. Bytes can hold 256 classes; wider arrays can hold more. */
export type LabelArray = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/** A dataset for core's training loop, with additional fields for reports and pages. */
export interface ImageDataset extends Dataset {
  /** The name in messages and reports, e.g. `fashion-mnist/train`. */
  readonly name: string;
  /** The number of images, and of labels. */
  readonly length: number;
  /** `[channels, height, width]` of each image. */
  readonly imageShape: ImageShape;
  /** The class names: label k is `classes[k]`. */
  readonly classes: readonly string[];
  /** `[length, channels, height, width]`, row-major, 0 to 255. Shared, not copied: do not modify. */
  readonly images: Uint8Array;
  /** `[length]`, each from 0 to `classes.length - 1`. Shared, not copied: do not modify. */
  readonly labels: LabelArray;
  /**
   * Returns the images at `indices`, in that order. `indices: [n] -> [n, channels, height, width]`, bytes
   * @throws DataError `SAMPLE_INDEX` if an index is out of range.
   */
  pixels(indices: ArrayLike<number>): Uint8Array;
  /**
   * Returns the samples at `indices`, in that order.
   * `indices: [n] -> inputs: float32 [n, channels, height, width], 0 to 1; labels: int32 [n]`
   * @throws DataError `SAMPLE_INDEX` if `indices` is empty or an index is out of range.
   */
  batch(indices: ArrayLike<number>): ImageBatch;
}

/** A dataset whose images are resized on demand; `imageShape` is the new shape. */
export type ResizedDataset = Omit<ImageDataset, 'images'>;

/** A batch of images and labels for a training step; see {@link ImageDataset.batch}. */
export interface ImageBatch extends Batch {
  /** `[n, channels, height, width]`, 0 to 1. */
  readonly inputs: TensorOf<'float32'>;
  /** `[n]` */
  readonly labels: TensorOf<'int32'>;
}

/**
 * Creates a dataset over the given images and labels, without copying them.
 * @throws DataError `DATASET` if there are no images, the numbers of images and labels differ, or a label has no class
 *   (naming the first such label and its index); `IMAGE_SHAPE` if the bytes are not complete images.
 */
export function createDataset(parts: Omit<ImageDataset, 'length' | 'pixels' | 'batch'>): ImageDataset {
  const { name, imageShape, classes, images, labels } = parts;
  const length = imageCount(images, imageShape);
  const fail = (problem: string): never => {
    throw new DataError('DATASET', `dataset "${name}": ${problem}`);
  };
  if (length === 0) fail('expected at least one image, got none');
  if (labels.length !== length) {
    fail(
      `expected as many labels as images, got ${length} images and ${labels.length} labels; check that they belong together`,
    );
  }
  const { text, hint, fits } = classLabel(classes.length);
  const wrong = labels.findIndex((label) => !fits(label));
  if (wrong >= 0) fail(`label of sample ${wrong}: expected ${text}, got ${labels[wrong]}; ${hint}`);

  const dataset: ImageDataset = {
    name,
    length,
    imageShape,
    classes,
    images,
    labels,
    pixels: (indices) => pickImages(dataset, indices),
    batch: (indices) => ({
      inputs: imageTensor(pickImages(dataset, indices), imageShape),
      labels: pickLabels(dataset, indices),
    }),
  };
  return dataset;
}

/**
 * Returns the same samples at a different size. Each batch is resized on demand (see {@link resizeImages}), because the
 * whole dataset would be too large: 60,000 images at 96x96 are 553 MB of bytes.
 * @throws DataError `IMAGE_SHAPE` if a size is not an integer from 1 to 16,384.
 */
export function resized(dataset: ImageDataset, size: ImageSize): ResizedDataset {
  const { name, length, classes, labels, imageShape } = dataset;
  const newShape: ImageShape = [imageShape[0], ...size];
  imageBytes(newShape);
  const pixels = (indices: ArrayLike<number>): Uint8Array =>
    resizeImages(pickImages(dataset, indices), imageShape, size);
  return {
    name,
    length,
    classes,
    labels,
    imageShape: newShape,
    pixels,
    batch: (indices) => ({
      inputs: imageTensor(pixels(indices), newShape),
      labels: pickLabels(dataset, indices),
    }),
  };
}

/**
 * Converts image bytes to a model's input: byte / 255, rounded once.
 * `images: [n, channels, height, width], 0 to 255 -> float32 [n, channels, height, width], 0 to 1`
 * @throws DataError `IMAGE_SHAPE` if the bytes are not complete images.
 */
export function imageTensor(images: Uint8Array, imageShape: ImageShape): TensorOf<'float32'> {
  const values = new Float32Array(images.length);
  images.forEach((byte, i) => (values[i] = byte / 255));
  return float32([imageCount(images, imageShape), ...imageShape], values);
}

/** `indices: [n] -> [n, channels, height, width]`, bytes */
function pickImages(dataset: ImageDataset, indices: ArrayLike<number>): Uint8Array {
  const size = imageBytes(dataset.imageShape);
  const picked = new Uint8Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const start = checkedIndex(dataset, indices[i]) * size;
    picked.set(dataset.images.subarray(start, start + size), i * size);
  }
  return picked;
}

/** `indices: [n] -> int32 [n]` */
function pickLabels(dataset: ImageDataset, indices: ArrayLike<number>): TensorOf<'int32'> {
  if (indices.length === 0) {
    throw new DataError('SAMPLE_INDEX', `dataset "${dataset.name}": a batch needs at least one index`);
  }
  const picked = Int32Array.from(indices, (index) => dataset.labels[checkedIndex(dataset, index)]!);
  return int32([picked.length], picked);
}

function checkedIndex({ name, length }: ImageDataset, index: number | undefined): number {
  if (index !== undefined && Number.isInteger(index) && index >= 0 && index < length) return index;
  throw new DataError(
    'SAMPLE_INDEX',
    `dataset "${name}": expected an index from 0 to ${length - 1}, got ${index}`,
  );
}
