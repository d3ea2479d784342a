// Training recipes: named sets of training settings. A recipe supplies the defaults for the settings that a request omits.
import type { Initializer, Optimizer, Schedule } from '@isonet/core';
import { constant, he, oneCycle, perFullBatch, sgd, xavier } from '@isonet/core';

/** The settings for training a network. */
export interface Recipe {
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** The argument of `schedule`: the learning rate, or its peak if the schedule varies it. */
  readonly lr: number;
  readonly initializer: Initializer;
  readonly optimizer: Optimizer;
  readonly schedule: (lr: number) => Schedule;
  /** The network's batch norm option, which the other values are tuned for; null: the network's own. */
  readonly batchNorm: boolean | null;
  /** The rate of the network's dropout layers, if it has any; undefined: the network's own. */
  readonly dropoutRate?: number;
}

/**
 * The names of the recipes: `book` as in the book; `fast` with a modern optimizer and initializer; `best` with batch
 * norm as well; `finetune` for pretrained weights.
 */
export type RecipeName = 'book' | 'fast' | 'best' | 'finetune';

/** The families of networks, whose members share recipe values: two built-in ones, and the user's own networks. */
export type Network = 'nin' | 'googlenet' | 'own';

/**
 * The recipe of the book's chapter on Fashion-MNIST. In PyTorch, NiN reached 54 to 68% with five seeds on all 60,000
 * images, after a plateau of an epoch or more at loss 2.29: some classes start without a gradient because of the
 * last convolution's ReLU.
 */
const book = {
  epochs: 5,
  batchSize: 256,
  initializer: xavier,
  optimizer: sgd(),
  schedule: (lr: number) => perFullBatch(constant(lr)),
  batchNorm: false,
} as const;

/** Newer training techniques; the network stays the same. */
const fast = {
  epochs: 5,
  batchSize: 256,
  initializer: he,
  optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
  schedule: (lr: number) => oneCycle({ peak: lr }),
  batchNorm: false,
} as const;

/** The highest accuracy found within the book's number of epochs: `fast` with batch norm. */
const best = { ...fast, batchNorm: true } as const;

/**
 * For a network that has not been tuned yet. Small networks learn faster at a peak of 0.05, but an eight-layer perceptron
 * without batch norm learns worse at that rate.
 */
const own = { ...fast, batchSize: 64, lr: 0.03, batchNorm: null } as const;

/** For a pretrained network: a lower learning rate, smaller batches and less weight decay. */
const finetune = {
  ...fast,
  batchSize: 32,
  lr: 0.005,
  optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-4 }),
} as const;

/** The recipes by name, each with the values for each family of networks. */
export const recipes: Readonly<Record<RecipeName, Readonly<Record<Network, Recipe>>>> = {
  book: {
    nin: { ...book, lr: 0.05 },
    googlenet: { ...book, lr: 0.1 },
    own: { ...book, lr: 0.05, batchNorm: null },
  },
  fast: {
    // At a peak of 0.05, NiN's last ReLU killed classes with both seeds that were tried, so the peak is lower here.
    nin: { ...fast, lr: 0.03 },
    googlenet: { ...fast, lr: 0.03 },
    own,
  },
  best: {
    // Smaller batches mean more steps. Dropout is off: a network this small does not overfit in so few epochs.
    nin: { ...best, batchSize: 64, lr: 0.05, dropoutRate: 0 },
    googlenet: { ...best, lr: 0.1 },
    // `best` differs from `fast` in batch norm, which the user's own network defines itself.
    own,
  },
  finetune: {
    nin: { ...finetune, batchNorm: true, dropoutRate: 0 },
    googlenet: { ...finetune, batchNorm: true },
    own: { ...finetune, batchNorm: null },
  },
};

/** The default recipe: it reaches the highest accuracy with both built-in families. */
export const defaultRecipe: RecipeName = 'best';
