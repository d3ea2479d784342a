// Labelled images in memory, and how some of them become tensors. Images stay bytes, a quarter of their float size;
// only the batch at hand is converted. No files here and nothing of Node: this runs in a browser as it is.
import { type Batch, classLabel, DataError, type Dataset, float32, int32, type TensorOf } from '@isonet/core';
import { imageBytes, imageCount, type ImageShape } from './imageShape.ts';
import { type ImageSize, resizeImages } from './resize.ts';

/** `[n]`, the class of each image, counted from 0. Bytes hold 256 classes; wider arrays hold more. */
export type LabelArray = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/** What core's training loop takes, with all that a report or a page wants to know beside it. */
export interface ImageDataset extends Dataset {
  /** For messages and reports, e.g. `fashion-mnist/train`. */
  readonly name: string;
  /** The number of images, and of labels. */
  readonly length: number;
  /** `[channels, height, width]` of each image. */
  readonly imageShape: ImageShape;
  /** What the labels mean: label k is `classes[k]`. */
  readonly classes: readonly string[];
  /** `[length, channels, height, width]`, row-major, 0 to 255. Shared, not copied: do not write. */
  readonly images: Uint8Array;
  /** `[length]`, each from 0 to `classes.length - 1`. Shared, not copied: do not write. */
  readonly labels: LabelArray;
  /**
   * The images at `indices`, in that order. `indices: [n] -> [n, channels, height, width]`, bytes
   * @throws DataError `SAMPLE_INDEX` when an index lies outside the dataset.
   */
  pixels(indices: ArrayLike<number>): Uint8Array;
  /**
   * The samples at `indices`, in that order.
   * `indices: [n] -> inputs: float32 [n, channels, height, width], 0 to 1; labels: int32 [n]`
   * @throws DataError `SAMPLE_INDEX` when `indices` is empty or an index lies outside the dataset.
   */
  batch(indices: ArrayLike<number>): ImageBatch;
}

/** A dataset whose images are resized when they are asked for; `imageShape` is the new one. */
export type ResizedDataset = Omit<ImageDataset, 'images'>;

/** Images and labels as a training step takes them; see {@link ImageDataset.batch}. */
export interface ImageBatch extends Batch {
  /** `[n, channels, height, width]`, 0 to 1. */
  readonly inputs: TensorOf<'float32'>;
  /** `[n]` */
  readonly labels: TensorOf<'int32'>;
}

/**
 * A dataset over the given images and labels, which it keeps (no copy).
 * @throws DataError `DATASET` when there is no image, images and labels differ in number, or a label has no class (the
 * first such label is named, with its index); `IMAGE_SHAPE` when the bytes are not a whole number of images.
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
      `expected as many labels as images, got ${length} images and ${labels.length} labels; do they belong together?`,
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
 * The same samples at another size. Each batch is resized when it is made (see {@link resizeImages}), because the
 * whole would not fit: 60,000 images at 96x96 are 553 MB of bytes.
 * @throws DataError `IMAGE_SHAPE` when a size is not a whole number from 1 to 16,384.
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
 * Image bytes as the tensor that a model is fed with: byte / 255, rounded once.
 * `images: [n, channels, height, width], 0 to 255 -> float32 [n, channels, height, width], 0 to 1`
 * @throws DataError `IMAGE_SHAPE` when the bytes are not a whole number of images.
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
