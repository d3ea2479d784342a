// Network in network (NiN), in three versions: the one that the book (Dive into Deep Learning) trains on Fashion-MNIST, the one that
// it describes for 224x224 images, and the paper's for CIFAR-10.
import type { ImageClassifier } from '@isonet/core';
import { avgPool2d, dropout, flatten, globalAvgPool2d, maxPool2d, sequential } from '@isonet/core';
import { ninBlock } from './ninBlock.ts';

/** Options of {@link nin}, {@link nin224} and {@link ninCifar10}. */
export interface NinOptions {
  /** The probability that dropout drops a value, in [0, 1); default 0.5. */
  readonly dropoutRate?: number;
  /** Batch normalization after every convolution; default false. */
  readonly batchNorm?: boolean;
}

/**
 * Builds the book's NiN for 28x28 images, with 149,542 parameters. `images: float32 [N, 1, 28, 28] -> logits: [N, 10]`
 *
 * There is no dense layer: the last block has one channel per class, and global average pooling turns each channel into a logit. Like
 * all others, its last convolution has a ReLU, so logits are never negative.
 */
export function nin({ dropoutRate = 0.5, batchNorm = false }: NinOptions = {}): ImageClassifier {
  const classes = 10;
  return {
    name: 'nin',
    input: { name: 'images', shape: [1, 28, 28] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      nin1: ninBlock(24, 3, 1, 0, { batchNorm }),
      pool1: maxPool2d({ kernel: 2, stride: 1 }),
      nin2: ninBlock(64, 3, 2, 2, { batchNorm }),
      pool2: maxPool2d({ kernel: 2, stride: 1 }),
      nin3: ninBlock(96, 4, 2, 1, { batchNorm }),
      pool3: maxPool2d({ kernel: 3, stride: 2 }),
      dropout: dropout(dropoutRate),
      nin4: ninBlock(classes, 3, 1, 1, { batchNorm }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

/**
 * Builds the book's larger NiN, with AlexNet's shapes and 1,992,166 parameters.
 * `images: float32 [N, 1, 224, 224] -> logits: [N, 10]`
 */
export function nin224({ dropoutRate = 0.5, batchNorm = false }: NinOptions = {}): ImageClassifier {
  const classes = 10;
  const pool = maxPool2d({ kernel: 3, stride: 2 });
  return {
    name: 'nin224',
    input: { name: 'images', shape: [1, 224, 224] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      nin1: ninBlock(96, 11, 4, 0, { batchNorm }),
      pool1: pool,
      nin2: ninBlock(256, 5, 1, 2, { batchNorm }),
      pool2: pool,
      nin3: ninBlock(384, 3, 1, 1, { batchNorm }),
      pool3: pool,
      dropout: dropout(dropoutRate),
      nin4: ninBlock(classes, 3, 1, 1, { batchNorm }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

/**
 * Builds the paper's NiN for CIFAR-10, following the authors' published definition, with 966,986 parameters.
 * `images: float32 [N, 3, 32, 32] -> logits: [N, 10]`. Pooling sizes round up, which is implemented as padding
 * at the bottom and the right.
 */
export function ninCifar10({ dropoutRate = 0.5, batchNorm = false }: NinOptions = {}): ImageClassifier {
  const classes = 10;
  const pooling = { kernel: 3, stride: 2, padding: [0, 0, 1, 1] } as const;
  return {
    name: 'nin-cifar10',
    input: { name: 'images', shape: [3, 32, 32] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      nin1: ninBlock(192, 5, 1, 2, { inner: [160, 96], batchNorm }),
      pool1: maxPool2d(pooling),
      dropout1: dropout(dropoutRate),
      nin2: ninBlock(192, 5, 1, 2, { batchNorm }),
      pool2: avgPool2d(pooling),
      dropout2: dropout(dropoutRate),
      nin3: ninBlock(192, 3, 1, 1, { inner: [192, classes], batchNorm }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}
