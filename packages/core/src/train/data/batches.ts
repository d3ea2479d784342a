// The batches of an epoch. Their order depends only on (seed, epoch), so a stopped run can resume at any batch, and every
// backend sees the same samples at the same step.
import { checkGiven, checkOptions } from '../../arguments/check.ts';
import type { Forms } from '../../arguments/forms.ts';
import { fieldsOf, flag, optional, ranges, wholeFrom } from '../../arguments/forms.ts';
import { objects } from '../../arguments/objects.ts';
import { DataError } from '../../errors.ts';
import { permutation } from '../../random.ts';
import { sizeOf } from '../../tensor.ts';
import type { Tensor } from '../../tensor.ts';
import type { Batch, Dataset, Draw } from './dataset.ts';

/** Options of {@link batches}. */
export interface BatchOptions {
  /** The number of samples per batch; the last batch holds the remainder. */
  readonly batchSize: number;
  /**
   * Seed and epoch of the shuffle, integers below 2^32; also passed to the dataset as its draw. If omitted, batches follow the
   * dataset's order and nothing is random.
   */
  readonly shuffle?: Draw;
  /**
   * The first batch; earlier ones are not built. The range is from 0 (the default) to the number of batches,
   * which yields no batch.
   */
  readonly from?: number;
  /** Drops the last batch if it would be smaller. Default false. */
  readonly dropLast?: boolean;
  /** The number of batches to request ahead of the current one. Default 0. */
  readonly prefetch?: number;
}

const DRAW: Forms<Draw> = { seed: ranges.seed, epoch: ranges.seed };

const OPTIONS: Forms<BatchOptions> = {
  batchSize: ranges.count,
  shuffle: optional(fieldsOf(DRAW)),
  from: optional(ranges.countFrom0),
  dropLast: optional(flag),
  prefetch: optional(ranges.countFrom0),
};

/** One batch of an epoch. */
export interface EpochBatch extends Batch {
  /** The index of the batch in its epoch, from 0. */
  readonly index: number;
  /** The position of the batch's first sample in the epoch's order: `index * batchSize`. */
  readonly first: number;
  /** The indices of its samples in the dataset, `[n]`. */
  readonly indices: Uint32Array;
}

/**
 * Returns the number of batches in an epoch of `length` samples, including a smaller last one unless `dropLast`.
 * @throws DataError `OPTION` if `length` or `batchSize` is not an integer in its range
 */
export function batchCount(length: number, batchSize: number, dropLast: boolean = false): number {
  checkGiven('batches', { length: [ranges.countFrom0, length], batchSize: [ranges.count, batchSize] });
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/**
 * Iterates over one epoch of `dataset`. Each batch is requested when it is needed, or `prefetch` batches ahead. Batches arrive
 * in order, regardless of the order in which they settle, and an error is thrown when its batch is due. The result can be
 * iterated more than once.
 * @throws DataError `OPTION` at the call, reporting every option that is missing, unknown, of the wrong type or out of range;
 * `BATCHES`, when a batch with an unexpected number of samples is due
 */
export function batches(dataset: Dataset, options: BatchOptions): AsyncIterable<EpochBatch> {
  const template = new BatchQueue(dataset, options);
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<EpochBatch, void, undefined> {
      const queue = template.copy();
      for (let batch = await queue.take(); batch; batch = await queue.take()) {
        queue.prefetch();
        yield batch;
      }
    },
  };
}

/** A queue of an epoch's batches: requested ahead, taken in order. */
export class BatchQueue {
  readonly #dataset: Dataset;
  readonly #options: BatchOptions;
  readonly #count: number;
  readonly #order: Uint32Array;
  readonly #pending: Promise<EpochBatch>[] = [];
  /** The index of the next batch to request. */
  #next: number;

  /** @throws DataError `OPTION` for invalid options */
  constructor(dataset: Dataset, options: BatchOptions, order?: Uint32Array) {
    checkGiven('batches', { dataset: [objects.dataset, dataset] });
    checkOptions('batches', options, OPTIONS);
    const { batchSize, shuffle, from = 0, dropLast = false } = options;
    this.#dataset = dataset;
    this.#options = options;
    this.#count = batchCount(dataset.length, batchSize, dropLast);
    checkGiven('batches', { from: [wholeFrom(0, this.#count), from] });
    this.#order = order ?? sampleOrder(dataset.length, shuffle);
    this.#next = from;
  }

  /** Returns a new queue of the same batches. */
  copy(): BatchQueue {
    return new BatchQueue(this.#dataset, this.#options, this.#order);
  }

  /** Returns the next batch, or undefined after the last. @throws any error that building the batch causes */
  async take(): Promise<EpochBatch | undefined> {
    if (this.#pending.length === 0) this.#request();
    return this.#pending.shift();
  }

  /** Requests batches ahead, up to `prefetch` beyond the one taken last. */
  prefetch(): void {
    const { prefetch = 0 } = this.#options;
    while (this.#pending.length < prefetch && this.#next < this.#count) this.#request();
  }

  #request(): void {
    if (this.#next >= this.#count) return;
    const batch = this.#build(this.#next++);
    batch.catch(() => undefined); // Awaited in its turn.
    this.#pending.push(batch);
  }

  async #build(index: number): Promise<EpochBatch> {
    const { batchSize, shuffle } = this.#options;
    const first = index * batchSize;
    const indices = this.#order.slice(first, first + batchSize);
    const batch = await this.#dataset.batch(indices, shuffle);
    checkBatch('the dataset', batch);
    const count = batch.inputs.shape[0];
    if (count !== indices.length) {
      throw new DataError(
        'BATCHES',
        `the dataset: expected ${indices.length} samples, one per index, got ${count}`,
      );
    }
    return { origins: indices, ...batch, index, first, indices };
  }
}

/**
 * Returns the order in which an epoch visits `length` samples, as a map from position to dataset index:
 * the {@link permutation} of the stream 'shuffle' at time `epoch`, or 0, 1, 2, ... without `shuffle`.
 * @throws DataError `OPTION` if seed or epoch is not an integer below 2^32
 */
export function sampleOrder(length: number, shuffle: Draw | undefined): Uint32Array {
  if (shuffle === undefined) return Uint32Array.from({ length }, (_, index) => index);
  checkOptions('batches: shuffle', shuffle, DRAW);
  return permutation(shuffle.seed, 'shuffle', shuffle.epoch, length);
}

/** Returns `count` samples of a batch, starting at `first`, as views of its memory. `[N, ...] -> [count, ...]` */
export function samples({ inputs, labels, origins }: Batch, first: number, count: number): Batch {
  const picked = (tensor: Tensor): Tensor => {
    const one = tensor.shape.slice(1);
    const [from, to] = [first, first + count].map((sample) => sample * sizeOf(one));
    // A subarray has the same array type, but TypeScript no longer relates it to the dtype.
    return { ...tensor, shape: [count, ...one], data: tensor.data.subarray(from, to) } as Tensor;
  };
  const parts = { inputs: picked(inputs), labels: picked(labels) };
  return origins === undefined ? parts : { ...parts, origins: origins.subarray(first, first + count) };
}

/**
 * Checks that the inputs and labels of a batch are tensors. The network and the task check their contents.
 * @throws DataError `OPTION`, `<where>: inputs: expected a tensor, ...`
 */
export function checkBatch(where: string, batch: Batch): void {
  const { inputs, labels }: Partial<Batch> = { ...batch }; // Plain JavaScript may pass undefined.
  checkGiven(where, { inputs: [objects.tensor, inputs], labels: [objects.tensor, labels] });
}
