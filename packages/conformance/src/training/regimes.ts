// Training runs whose states are the starting points of the training checks. They do not use the recipes of @isonet/models, because
// tuning those must not change the suite.
import type { Initializer, ImageClassifier, Optimizer, Schedule } from '@isonet/core';
import {
  adam,
  constant,
  dropout,
  flatten,
  globalAvgPool2d,
  he,
  maxPool2d,
  oneCycle,
  sequential,
  sgd,
  xavier,
} from '@isonet/core';
import { nin, ninBlock } from '@isonet/models';
import { smoothNin } from '../networks/smooth.ts';

export interface Regime {
  readonly name: string;
  readonly model: ImageClassifier;
  readonly initializer: Initializer;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly clipNorm?: number;
  /** The number of images in a step. */
  readonly batchSize: number;
  /** The length of the run, for the schedule and the curves. */
  readonly steps: number;
}

interface NarrowOptions {
  readonly dropoutRate: number;
  readonly batchNorm: boolean;
}

/** A quarter of the book's channels. */
const narrow = [6, 16, 24] as const;

/** Returns the book's NiN with a quarter of its channels: the reference takes 10 ms per image. */
function narrowNin({ dropoutRate, batchNorm }: NarrowOptions): ImageClassifier {
  const [first, second, third] = narrow;
  return {
    name: 'nin-narrow',
    input: { name: 'images', shape: [1, 28, 28] },
    output: { name: 'logits', shape: [10] },
    layer: sequential({
      nin1: ninBlock(first, 3, 1, 0, { batchNorm }),
      pool1: maxPool2d({ kernel: 2, stride: 1 }),
      nin2: ninBlock(second, 3, 2, 2, { batchNorm }),
      pool2: maxPool2d({ kernel: 2, stride: 1 }),
      nin3: ninBlock(third, 4, 2, 1, { batchNorm }),
      pool3: maxPool2d({ kernel: 3, stride: 2 }),
      dropout: dropout(dropoutRate),
      nin4: ninBlock(10, 3, 1, 1, { batchNorm }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  };
}

const momentum = sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
const steps = 30;

/** Plain SGD, with dropout. */
const book: Regime = {
  name: 'nin-narrow-book',
  model: narrowNin({ dropoutRate: 0.5, batchNorm: false }),
  initializer: xavier,
  optimizer: sgd(),
  schedule: constant(0.05),
  batchSize: 16,
  steps,
};

/** Momentum, weight decay on weights only, and a learning rate schedule. */
const fast: Regime = {
  ...book,
  name: 'nin-narrow-fast',
  initializer: he,
  optimizer: momentum,
  schedule: oneCycle({ peak: 0.03 }),
};

/** Batch norm, with which the network learns from the first steps on, and no dropout. */
const best: Regime = {
  ...fast,
  name: 'nin-narrow-best',
  model: narrowNin({ dropoutRate: 0, batchNorm: true }),
  schedule: oneCycle({ peak: 0.05 }),
  batchSize: 8,
};

/** Clipped gradients, and Adam. */
const clipped: Regime = {
  ...book,
  name: 'nin-narrow-adam',
  initializer: he,
  optimizer: adam({ weightDecay: 1e-4 }),
  schedule: constant(2e-3),
  clipNorm: 0.5,
};

/** All of the book's channels. */
const wide: Regime = {
  ...fast,
  name: 'nin-fast',
  model: nin({ dropoutRate: 0 }),
  batchSize: 4,
};

/** No kinks and no dropout: the effect of rounding does not grow. */
const smooth: Regime = {
  ...fast,
  name: 'nin-narrow-smooth',
  model: smoothNin({ channels: narrow }),
  initializer: xavier,
  schedule: constant(0.05),
  batchSize: 8,
  steps: 15,
};

type RegimeKey = 'book' | 'fast' | 'best' | 'clipped' | 'wide' | 'smooth';

export const regimes: Readonly<Record<RegimeKey, Regime>> = { book, fast, best, clipped, wide, smooth };
