// Images that are in memory, brought to the shape that a model takes and to the numbers that it was trained on.
import { createHash } from 'node:crypto';
import type { TensorOf } from '@isonet/core';
import { defined, int32 } from '@isonet/core';
import type { ImageDataset, ImageShape, Normalization } from '@isonet/data';
import { imageTensor, normalized, resizeImages } from '@isonet/data';
import type { LabelledImages } from './modelData.ts';

/**
 * The images of a dataset in another size, grey ones in three equal channels where the model takes three. Each batch is made when it is
 * asked for: the whole would not fit.
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

/** Image bytes as a model is fed with them. `[n, channels, height, width] -> float32 [n, channels, height, width]` */
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

/** SHA-256 of images and labels as they came, in hex. Labels count with every byte in memory, so the same classes in a wider array
 * are other data. */
export function digestOf({ images, labels }: ImageDataset): string {
  return createHash('sha256').update(images).update(labels).digest('hex');
}
