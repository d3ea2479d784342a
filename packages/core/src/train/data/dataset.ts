// Datasets and their batches.
import type { Tensor } from '../../tensor.ts';

/** Samples as a network takes them, and their labels as its task takes them. */
export interface Batch {
  /** `float32 [N, ...]`, e.g. `[N, C, H, W]` */
  readonly inputs: Tensor;
  /** `[N, ...]`, e.g. `int32 [N]` */
  readonly labels: Tensor;
  /**
   * Which samples of the data these are, `[N]`: errors name a sample by it. Datasets made of others pass on theirs;
   * default: the indices that the batch was asked for by.
   */
  readonly origins?: Uint32Array;
}

/** What random choices (crops, flips, mixing) are keyed by, together with a sample's index: its seed and its epoch. */
export interface Draw {
  /** A whole number below 2^32. */
  readonly seed: number;
  /** From 0. */
  readonly epoch: number;
}

/** Labelled samples that can be picked by index. Its length, and what an index means, never change during a run. */
export interface Dataset {
  readonly length: number;
  /**
   * The samples at `indices`, in that order. Each call gives memory of its own: the batches before it may still be under way.
   * Calls may overlap where it gives promises, and may settle in any order.
   * @param draw given in training: what is random of the batch is a function of it and the samples' indices. Without it,
   * nothing is random
   */
  batch(indices: Uint32Array, draw?: Draw): Batch | Promise<Batch>;
}
