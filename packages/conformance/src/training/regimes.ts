// How the runs are trained from whose states the checks step. Numbers of their own, not those of @isonet/models: a recipe
// that is tuned there must not move the suite.
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
  /** Images in a step of the run. */
  readonly batchSize: number;
  /** Of the whole run, for the schedule and the curves. */
  readonly steps: number;
}

interface NarrowOptions {
  readonly dropoutRate: number;
  readonly batchNorm: boolean;
}

/** A quarter of the book's. */
const narrow = [6, 16, 24] as const;

/** The book's NiN with a quarter of its channels, for which the reference takes 10 ms an image. */
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

/** Plain SGD behind dropout. */
const book: Regime = {
  name: 'nin-narrow-book',
  model: narrowNin({ dropoutRate: 0.5, batchNorm: false }),
  initializer: xavier,
  optimizer: sgd(),
  schedule: constant(0.05),
  batchSize: 16,
  steps,
};

/** Momentum, weight decay on weights alone, and a learning rate that moves. */
const fast: Regime = {
  ...book,
  name: 'nin-narrow-fast',
  initializer: he,
  optimizer: momentum,
  schedule: oneCycle({ peak: 0.03 }),
};

/** With batch norm, which learns from the first steps. Nothing drops out, so that a batch may be permuted. */
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

/** On all of its channels. */
const wide: Regime = {
  ...fast,
  name: 'nin-fast',
  model: nin({ dropoutRate: 0 }),
  batchSize: 4,
};

/** Without kinks and without chance: what rounding does to it does not grow. */
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
