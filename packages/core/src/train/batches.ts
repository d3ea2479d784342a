// What core asks of data, and the order in which a run sees it: a function of (seed, epoch) alone, so that a run that
// stops goes on at any batch, and every backend sees the same samples at the same step.
import { DataError } from '../errors.ts';
import { permutation } from '../random.ts';
import { sizeOf } from '../tensor.ts';
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
  /** Each call gives memory of its own: the batches before it may still be under way. */
  batch(indices: Uint32Array): Batch;
}

export interface BatchOptions {
  /** Samples per batch; the last batch holds what is left. */
  readonly batchSize: number;
  /** Whole numbers below 2^32. Without it, the dataset's own order. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** Start at this batch: the ones before it are not made. Default 0; the batch count gives none. */
  readonly from?: number;
}

export interface EpochBatch extends Batch {
  /** Which batch of the epoch this is, from 0. */
  readonly index: number;
  /** The position of the batch's first sample in the epoch's order: `index * batchSize`. */
  readonly first: number;
  /** Where its samples are in the dataset, `[n]`. */
  readonly indices: Uint32Array;
}

/**
 * The batches in an epoch of `length` samples, the smaller last one included.
 * @throws DataError `BATCHES` when `length` or `batchSize` is no whole number in its range.
 */
export function batchCount(length: number, batchSize: number): number {
  checkWhole('length', length, 0);
  checkWhole('batchSize', batchSize, 1);
  return Math.ceil(length / batchSize);
}

/**
 * One epoch over `dataset`, batch by batch, each made when it is asked for. Can be iterated more than once.
 * @throws DataError `BATCHES` when an option is no whole number in its range; at the call, not at the first batch.
 */
export function batches(dataset: Dataset, options: BatchOptions): Iterable<EpochBatch> {
  const { batchSize, shuffle, from = 0 } = options;
  const count = batchCount(dataset.length, batchSize);
  checkWhole('from', from, 0, count);
  const order = sampleOrder(dataset.length, shuffle);
  return {
    *[Symbol.iterator](): Generator<EpochBatch> {
      for (let index = from; index < count; index++) {
        const first = index * batchSize;
        const indices = order.slice(first, first + batchSize);
        yield { index, first, indices, ...dataset.batch(indices) };
      }
    },
  };
}

/**
 * The order in which an epoch visits `length` samples: position -> index in the dataset.
 * Core's permutation for (seed, 'shuffle', epoch), or 0, 1, 2, ... without `shuffle`.
 * @throws DataError `BATCHES` when seed or epoch is no whole number below 2^32.
 */
export function sampleOrder(length: number, shuffle: BatchOptions['shuffle']): Uint32Array {
  if (shuffle === undefined) return Uint32Array.from({ length }, (_, index) => index);
  checkWhole('shuffle.seed', shuffle.seed, 0, 0xffffffff);
  checkWhole('shuffle.epoch', shuffle.epoch, 0, 0xffffffff);
  return permutation(shuffle.seed, 'shuffle', shuffle.epoch, length);
}

/** Samples `first` to `first + count` of a batch, as views of its memory. `[N, ...] -> [count, ...]` */
export function samples({ images, labels }: Batch, first: number, count: number): Batch {
  const picked = (tensor: Tensor): Tensor => {
    const one = tensor.shape.slice(1);
    const [from, to] = [first, first + count].map((sample) => sample * sizeOf(one));
    // A subarray is an array of the same kind; TypeScript forgets that it goes with the dtype.
    return { ...tensor, shape: [count, ...one], data: tensor.data.subarray(from, to) } as Tensor;
  };
  return { images: picked(images), labels: picked(labels) };
}

/** @throws DataError `BATCHES` when the option `what` is no whole number in its range */
export function checkWhole(
  what: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new DataError('BATCHES', `batches: ${what}: expected a whole number ${range}, got ${value}`);
}
