// How a network is trained: the settings that belong together, under a name. The numbers of a recipe are what a run takes
// when it is given no others.
import type { Initializer, Optimizer, Schedule } from '@isonet/core';
import { constant, he, oneCycle, perFullBatch, sgd, xavier } from '@isonet/core';

/** The settings that a network is trained with. */
export interface Recipe {
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** What `schedule` takes: the learning rate, or the highest one where it changes. */
  readonly lr: number;
  readonly initializer: Initializer;
  readonly optimizer: Optimizer;
  readonly schedule: (lr: number) => Schedule;
  /** The network's option that the numbers belong to; null: as the network has it. */
  readonly batchNorm: boolean | null;
  /** Of the network's dropouts, where it has any; undefined: as the network has them. */
  readonly dropoutRate?: number;
}

/** As the book trains; with a modern optimizer and initialization; with batch norm as well; from weights that exist. */
export type RecipeName = 'book' | 'fast' | 'best' | 'finetune';

/** The two families of isonet's networks, whose members are trained alike, and those of the user's own. */
export type Network = 'nin' | 'googlenet' | 'own';

/**
 * As the chapter trains on Fashion-MNIST. Five seeds of NiN in PyTorch, on all 60,000 images, reached 54 to 68 %, after
 * a plateau at loss 2.29 of one epoch and more: behind the last convolution's ReLU some classes begin with no gradient.
 */
const book = {
  epochs: 5,
  batchSize: 256,
  initializer: xavier,
  optimizer: sgd(),
  schedule: (lr: number) => perFullBatch(constant(lr)),
  batchNorm: false,
} as const;

/** What came after the chapter; the network stays as it is. */
const fast = {
  epochs: 5,
  batchSize: 256,
  initializer: he,
  optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
  schedule: (lr: number) => oneCycle({ peak: lr }),
  batchNorm: false,
} as const;

/** The highest accuracy that was found in the book's number of epochs: the same, with batch norm. */
const best = { ...fast, batchNorm: true } as const;

/**
 * For a network that nobody has tuned yet. Small networks learn faster at a peak of 0.05; a perceptron of eight layers without batch
 * norm then learns worse.
 */
const own = { ...fast, batchSize: 64, lr: 0.03, batchNorm: null } as const;

/** For a network that has learned something already: smaller steps, fewer of them at the highest rate, and little decay. */
const finetune = {
  ...fast,
  batchSize: 32,
  lr: 0.005,
  optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-4 }),
} as const;

/** The recipes by name, each with the numbers for each family of networks. */
export const recipes: Readonly<Record<RecipeName, Readonly<Record<Network, Recipe>>>> = {
  book: {
    nin: { ...book, lr: 0.05 },
    googlenet: { ...book, lr: 0.1 },
    own: { ...book, lr: 0.05, batchNorm: null },
  },
  fast: {
    // At a peak of 0.05 classes died behind NiN's last ReLU in both seeds that were tried, so it stays below.
    nin: { ...fast, lr: 0.03 },
    googlenet: { ...fast, lr: 0.03 },
    own,
  },
  best: {
    // Smaller batches are more steps; in so few epochs so small a network does not overfit.
    nin: { ...best, batchSize: 64, lr: 0.05, dropoutRate: 0 },
    googlenet: { ...best, lr: 0.1 },
    // Batch norm, which tells best from fast, is for the network itself to have.
    own,
  },
  finetune: {
    nin: { ...finetune, batchNorm: true, dropoutRate: 0 },
    googlenet: { ...finetune, batchNorm: true },
    own: { ...finetune, batchNorm: null },
  },
};

/** What a run is trained with where no recipe is named: the one that learns most, with either network. */
export const defaultRecipe: RecipeName = 'best';
