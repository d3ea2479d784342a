// Datasets and their batches.
import type { Tensor } from '../../tensor.ts';

/** Samples in the form that a network accepts, with labels in the form that its task accepts. */
export interface Batch {
  /** The samples, `float32 [N, ...]`, e.g. `[N, C, H, W]`. */
  readonly inputs: Tensor;
  /** The labels, `[N, ...]`, e.g. `int32 [N]`. */
  readonly labels: Tensor;
  /**
   * The original index of each sample, `[N]`, which errors use to name it. A dataset derived from another
   * passes on the origins it receives. Default: the requested indices.
   */
  readonly origins?: Uint32Array;
}

/** Together with a sample's index, the key of the sample's random choices (crops, flips, mixing). */
export interface Draw {
  /** An integer below 2^32. */
  readonly seed: number;
  /** Counted from 0. */
  readonly epoch: number;
}

/** Labelled samples with random access by index. The length and the meaning of an index never change during a run. */
export interface Dataset {
  readonly length: number;
  /**
   * Returns the samples at `indices`, in that order. Each call returns new memory, because earlier batches may still be in use.
   * If it returns promises, calls may overlap and settle in any order.
   * @param draw passed during training: everything random about the batch is a function of `draw` and the
   * samples' indices. If omitted, nothing is random
   */
  batch(indices: Uint32Array, draw?: Draw): Batch | Promise<Batch>;
}
