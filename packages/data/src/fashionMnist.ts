// Fashion-MNIST (Xiao, Rasul, Vollgraf, "Fashion-MNIST: a novel image dataset", arXiv:1708.07747): its classes, and a
// dataset from its parsed files. This module needs nothing from Node; loadFashionMnist.ts finds the files.
import { DataError, shapeText } from '@isonet/core';
import { createDataset, type ImageDataset } from './dataset.ts';
import type { IdxArray, IdxLabels } from './idx/idx.ts';
import type { ImageShape } from './imageShape.ts';

/** The class names of Fashion-MNIST: label k is the k-th name. */
export const FASHION_MNIST_CLASSES: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

/** The image shape of Fashion-MNIST: one grey channel, with light clothes on black. */
export const FASHION_MNIST_IMAGE_SHAPE: ImageShape = [1, 28, 28];

/**
 * Creates a dataset from parsed files, without copying them. `images: [n, 28, 28], labels: [n]`
 * @throws DataError `DATASET` if the images are not 28x28, the counts differ, or a label is not from 0 to 9.
 */
export function fashionMnistDataset(name: string, images: IdxArray, labels: IdxLabels): ImageDataset {
  const [, height, width] = images.shape;
  if (images.shape.length !== 3 || height !== 28 || width !== 28) {
    throw new DataError(
      'DATASET',
      `dataset "${name}": expected images [n, 28, 28], got ${shapeText(images.shape)}`,
    );
  }
  return createDataset({
    name,
    imageShape: FASHION_MNIST_IMAGE_SHAPE,
    classes: FASHION_MNIST_CLASSES,
    images: images.data,
    labels: labels.data,
  });
}
