// Resizes and normalizes in-memory images for a model.
import { createHash } from 'node:crypto';
import type { TensorOf } from '@isonet/core';
import { defined, int32 } from '@isonet/core';
import type { ImageDataset, ImageShape, Normalization } from '@isonet/data';
import { imageTensor, normalized, resizeImages } from '@isonet/data';
import type { LabelledImages } from './modelData.ts';

/**
 * Returns the images of a dataset at a different size. Repeats grey images in three equal channels if the model needs
 * three. Each batch is computed on demand, because the whole dataset would not fit into memory.
 * @param normalization undefined: values from 0 to 1
 */
export function inMemory(
  dataset: ImageDataset,
  shape: ImageShape,
  normalization: Normalization | undefined,
): LabelledImages {
  const { length, classes, labels, imageShape } = dataset;
  const [channels, height, width] = shape;
  const pixels = (indices: ArrayLike<number>): Uint8Array => {
    const picked = dataset.pixels(indices);
    const isSize = imageShape[1] === height && imageShape[2] === width;
    const sized = isSize ? picked : resizeImages(picked, imageShape, [height, width]);
    return imageShape[0] === channels ? sized : repeated(sized, height * width, channels);
  };
  let sha256: string | undefined;
  return {
    length,
    classes,
    labels,
    imageShape: shape,
    get sha256() {
      return (sha256 ??= digestOf(dataset));
    },
    pixels,
    batch: (indices) => ({
      inputs: tensorOf(pixels(indices), shape, normalization),
      labels: int32(
        [indices.length],
        Int32Array.from(indices, (index) => defined(labels[index], `label ${index}`)),
      ),
    }),
  };
}

/** Converts image bytes to a model's input. `[n, channels, height, width] -> float32 [n, channels, height, width]` */
export function tensorOf(
  bytes: Uint8Array,
  shape: ImageShape,
  normalization: Normalization | undefined,
): TensorOf<'float32'> {
  return normalization ? normalized(bytes, { ...normalization, shape }) : imageTensor(bytes, shape);
}

/** `[n, 1, area] -> [n, channels, area]` */
function repeated(grey: Uint8Array, area: number, channels: number): Uint8Array {
  const made = new Uint8Array(grey.length * channels);
  for (let first = 0, to = 0; first < grey.length; first += area) {
    const plane = grey.subarray(first, first + area);
    for (let c = 0; c < channels; c++, to += area) made.set(plane, to);
  }
  return made;
}

/**
 * Returns the SHA-256 of images and labels before any resizing, in hex. It covers the raw bytes of the labels, so the
 * same labels in a wider array type have a different digest.
 */
export function digestOf({ images, labels }: ImageDataset): string {
  return createHash('sha256').update(images).update(labels).digest('hex');
}
