// What core asks of data, and the order in which a run sees it.
import { permutation } from '../random.ts';
import type { Tensor } from '../tensor.ts';

export interface Batch {
  /** `float32 [N, C, H, W]` */
  readonly images: Tensor;
  /** `int32 [N]` */
  readonly labels: Tensor;
}

/** Labelled images that can be picked by index. */
export interface Dataset {
  readonly length: number;
  batch(indices: Uint32Array): Batch;
}

export interface BatchOptions {
  readonly batchSize: number;
  /** Shuffled by (seed, epoch) alone; absent: in the data's own order. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** The first batch to give, default 0: a resumed epoch skips what it has seen, at no cost. */
  readonly from?: number;
}

/** Batches per epoch, the smaller last one counted. */
export function batchCount(length: number, batchSize: number): number {
  return Math.ceil(length / batchSize);
}

/** The batches of one epoch; the last one is smaller where the size does not divide the data. */
export function* batches(data: Dataset, { batchSize, shuffle, from = 0 }: BatchOptions): Generator<Batch> {
  const order = shuffle
    ? permutation(shuffle.seed, 'shuffle', shuffle.epoch, data.length)
    : Uint32Array.from({ length: data.length }, (_, i) => i);
  for (let first = from * batchSize; first < data.length; first += batchSize) {
    yield data.batch(order.subarray(first, first + batchSize));
  }
}
