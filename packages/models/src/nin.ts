// Network in network, as the book trains it on Fashion-MNIST: 28x28 images, 149,542 parameters.
import type { Model } from '@isonet/core';
import { dropout, flatten, globalAvgPool2d, maxPool2d, sequential } from '@isonet/core';
import { ninBlock } from './ninBlock.ts';

export interface NinOptions {
  /** Of the dropout before the last block, default 0.5. */
  readonly dropoutRate?: number;
}

/**
 * `images: float32 [N, 1, 28, 28] -> logits: [N, 10]`
 *
 * The last block has one channel per class, and global average pooling makes of each channel a logit: there is no dense
 * layer. Its last convolution has a ReLU like all others, so logits are never negative.
 */
export function nin({ dropoutRate = 0.5 }: NinOptions = {}): Model {
  const classes = 10;
  return {
    name: 'nin',
    imageShape: [1, 28, 28],
    classes,
    layer: sequential({
      nin1: ninBlock(24, 3, 1, 0),
      pool1: maxPool2d({ kernel: 2, stride: 1 }),
      nin2: ninBlock(64, 3, 2, 2),
      pool2: maxPool2d({ kernel: 2, stride: 1 }),
      nin3: ninBlock(96, 4, 2, 1),
      pool3: maxPool2d({ kernel: 3, stride: 2 }),
      dropout: dropout(dropoutRate),
      nin4: ninBlock(classes, 3, 1, 1),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}
