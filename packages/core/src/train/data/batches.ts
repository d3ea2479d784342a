// The order in which a run sees its data: a function of (seed, epoch) alone, so that a run that stops goes on at any batch,
// and every backend sees the same samples at the same step.
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
  /** Samples per batch; the last batch holds what is left. */
  readonly batchSize: number;
  /** Whole numbers below 2^32; passed on as the draw. Without it, the dataset's own order, and nothing random. */
  readonly shuffle?: Draw;
  /** Start at this batch: the ones before it are not made. Default 0; the batch count gives none. */
  readonly from?: number;
  /** Leaves out a last batch that would be smaller. Default false. */
  readonly dropLast?: boolean;
  /** How many batches are asked for ahead of the one that is wanted. Default 0. */
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
  /** Which batch of the epoch this is, from 0. */
  readonly index: number;
  /** The position of the batch's first sample in the epoch's order: `index * batchSize`. */
  readonly first: number;
  /** Where its samples are in the dataset, `[n]`. */
  readonly indices: Uint32Array;
}

/**
 * The batches in an epoch of `length` samples, the smaller last one included unless `dropLast`.
 * @throws DataError `OPTION` when `length` or `batchSize` is not a whole number in its range.
 */
export function batchCount(length: number, batchSize: number, dropLast: boolean = false): number {
  checkGiven('batches', { length: [ranges.countFrom0, length], batchSize: [ranges.count, batchSize] });
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/**
 * One epoch over `dataset`, batch by batch, each asked for when it is wanted, or `prefetch` batches before. They come in
 * order, whatever order they settle in; an error is thrown when its batch is due. Can be iterated more than once.
 * @throws DataError `OPTION` telling every option that is missing, unknown, of another type or out of its range, at the call,
 * not at the first batch; `BATCHES`, in its turn, for a batch with another number of samples than was asked for.
 */
export function batches(dataset: Dataset, options: BatchOptions): AsyncIterable<EpochBatch> {
  const check = new BatchQueue(dataset, options);
  return {
    async *[Symbol.asyncIterator](): AsyncGenerator<EpochBatch, void, undefined> {
      const queue = check.again();
      for (let batch = await queue.take(); batch; batch = await queue.take()) {
        queue.askAhead();
        yield batch;
      }
    },
  };
}

/** The batches of an epoch on their way: asked for ahead, taken in order. */
export class BatchQueue {
  readonly #dataset: Dataset;
  readonly #options: BatchOptions;
  readonly #count: number;
  readonly #order: Uint32Array;
  readonly #asked: Promise<EpochBatch>[] = [];
  /** Index of the batch that is asked for next. */
  #next: number;

  /** @throws DataError `OPTION` for options that do not fit */
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

  /** The same batches once more, from the first on. */
  again(): BatchQueue {
    return new BatchQueue(this.#dataset, this.#options, this.#order);
  }

  /** The next batch, undefined after the last. @throws what making it threw */
  async take(): Promise<EpochBatch | undefined> {
    if (this.#asked.length === 0) this.#ask();
    return this.#asked.shift();
  }

  /** Asks for `prefetch` batches after the one that was taken last. */
  askAhead(): void {
    const { prefetch = 0 } = this.#options;
    while (this.#asked.length < prefetch && this.#next < this.#count) this.#ask();
  }

  #ask(): void {
    if (this.#next >= this.#count) return;
    const batch = this.#make(this.#next++);
    batch.catch(() => undefined); // It is awaited in its turn.
    this.#asked.push(batch);
  }

  async #make(index: number): Promise<EpochBatch> {
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
 * The order in which an epoch visits `length` samples: position -> index in the dataset.
 * Core's permutation for (seed, 'shuffle', epoch), or 0, 1, 2, ... without `shuffle`.
 * @throws DataError `OPTION` when seed or epoch is not a whole number below 2^32.
 */
export function sampleOrder(length: number, shuffle: Draw | undefined): Uint32Array {
  if (shuffle === undefined) return Uint32Array.from({ length }, (_, index) => index);
  checkOptions('batches: shuffle', shuffle, DRAW);
  return permutation(shuffle.seed, 'shuffle', shuffle.epoch, length);
}

/** Samples `first` to `first + count` of a batch, as views of its memory. `[N, ...] -> [count, ...]` */
export function samples({ inputs, labels, origins }: Batch, first: number, count: number): Batch {
  const picked = (tensor: Tensor): Tensor => {
    const one = tensor.shape.slice(1);
    const [from, to] = [first, first + count].map((sample) => sample * sizeOf(one));
    // A subarray is an array of the same kind; TypeScript forgets that it goes with the dtype.
    return { ...tensor, shape: [count, ...one], data: tensor.data.subarray(from, to) } as Tensor;
  };
  const parts = { inputs: picked(inputs), labels: picked(labels) };
  return origins === undefined ? parts : { ...parts, origins: origins.subarray(first, first + count) };
}

/**
 * Checks that a batch is one: what is in it is for the network and the task to check.
 * @throws DataError `OPTION`, `<where>: inputs: expected a tensor, ...`
 */
export function checkBatch(where: string, batch: Batch): void {
  const { inputs, labels }: Partial<Batch> = { ...batch }; // Plain JavaScript may have given nothing.
  checkGiven(where, { inputs: [objects.tensor, inputs], labels: [objects.tensor, labels] });
}
