// Datasets built from in-memory tensors and from other datasets.
import { checkArguments, checkGiven, failAt } from '../../arguments/check.ts';
import type { Form, Forms } from '../../arguments/forms.ts';
import { optional, ranges } from '../../arguments/forms.ts';
import { objects } from '../../arguments/objects.ts';
import { zeros } from '../../backend/host.ts';
import { DataError } from '../../errors.ts';
import { permutation } from '../../random.ts';
import { shapeText, sizeOf } from '../../tensor.ts';
import type { Tensor } from '../../tensor.ts';
import type { Batch, Dataset } from './dataset.ts';

/**
 * Creates a dataset from in-memory tensors, without copying them: sample i is row i of both.
 * @param inputs `float32 [length, ...]`
 * @param labels `[length, ...]`, of the type that the task expects
 * @throws DataError `DATASET` if there are no samples, inputs and labels differ in number, a tensor's data does not fit its
 * shape, or a value is NaN or infinite; the error names the first such sample
 */
export function tensorDataset(inputs: Tensor, labels: Tensor): Dataset {
  checkGiven('tensorDataset', { inputs: [objects.tensor, inputs], labels: [objects.tensor, labels] });
  const [length, labelled] = [rowCount(inputs), rowCount(labels)];
  if (length === 0 || labelled !== length) {
    throw new DataError(
      'DATASET',
      `tensorDataset: expected at least one input and the same number of labels, got ${length} inputs and ${labelled} labels`,
    );
  }
  for (const [name, { shape, data }] of Object.entries({ inputs, labels })) {
    if (data.length === sizeOf(shape)) continue;
    throw new DataError(
      'DATASET',
      `tensorDataset: ${name}: expected ${sizeOf(shape)} values for shape ${shapeText(shape)}, got ${data.length}`,
    );
  }
  checkFinite('inputs', inputs);
  checkFinite('labels', labels);
  return {
    length,
    batch: (indices) => {
      checkIndices('tensorDataset', indices, length);
      return { inputs: rows(inputs, indices), labels: rows(labels, indices) };
    },
  };
}

/** Checks for NaN and infinities: a backend may turn a NaN into 0 (e.g. in a ReLU), and training would not notice. */
function checkFinite(name: string, { shape, data }: Tensor): void {
  const values: ArrayLike<number> = data;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const sample = Math.floor(i / sizeOf(shape.slice(1)));
    throw new DataError(
      'DATASET',
      `tensorDataset: ${name} of sample ${sample}: expected finite values, got ${values[i]}; remove the sample or replace the value`,
    );
  }
}

/** Returns the number of rows of a tensor, or 0 for a scalar. */
function rowCount({ shape: [count] }: Tensor): number {
  return count === undefined ? 0 : count;
}

/** Copies rows of a tensor. `[length, ...] -> [n, ...]` */
function rows(tensor: Tensor, indices: Uint32Array): Tensor {
  const one = tensor.shape.slice(1);
  const size = sizeOf(one);
  const shape = [indices.length, ...one];
  const data = zeros({ dtype: tensor.dtype, shape }, tensor.dtype === 'float64' ? 'float64' : 'float32');
  indices.forEach((index, i) => data.set(tensor.data.subarray(index * size, (index + 1) * size), i * size));
  // The array has the same type, but TypeScript cannot relate it to the dtype.
  return { ...tensor, shape, data } as Tensor;
}

/**
 * Returns the first `count` samples of a dataset.
 * @throws DataError `DATASET` if there are fewer, or count is not an integer of at least 1
 */
export function take(dataset: Dataset, count: number): Dataset {
  checkGiven('take', { dataset: [objects.dataset, dataset] });
  if (!Number.isInteger(count) || count < 1 || count > dataset.length) {
    throw new DataError(
      'DATASET',
      `take: expected an integer from 1 to ${dataset.length}, the number of samples, got ${count}`,
    );
  }
  return { length: count, batch: bounded('take', count, dataset.batch.bind(dataset)) };
}

const list: Form = {
  text: 'a list of integers',
  fits: (value) => Array.isArray(value) || ArrayBuffer.isView(value),
};

/**
 * Returns the samples of a dataset at `indices`, in that order. Random choices for a sample stay keyed by its index in
 * `dataset`.
 * @throws DataError `DATASET` if there are no indices, `SAMPLE_INDEX` if one is out of range
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  checkGiven('subset', { dataset: [objects.dataset, dataset], indices: [list, indices] });
  if (indices.length === 0) throw new DataError('DATASET', 'subset: expected at least one index, got none');
  const picked = Uint32Array.from(indices);
  checkIndices('subset', Array.from(indices), dataset.length);
  const batch: Dataset['batch'] = (wanted, draw) => {
    const origins = wanted.map((index) => picked[index]!);
    const inner = dataset.batch(origins, draw);
    // Samples keep their original indices, so that errors can name them.
    return inner instanceof Promise ? inner.then((made) => ({ origins, ...made })) : { origins, ...inner };
  };
  return { length: picked.length, batch: bounded('subset', picked.length, batch) };
}

/** Options of {@link split}. */
export interface SplitOptions {
  /**
   * The number of samples in the second part or, below 1, their fraction of the dataset, rounded to the
   * nearest number of samples.
   */
  readonly held: number;
  /**
   * The seed for choosing the second part at random, an integer below 2^32. If omitted, the second part is
   * the end of the dataset.
   */
  readonly seed?: number;
}

const SPLIT: Forms<SplitOptions> = {
  held: {
    text: 'a number of samples, or a fraction below 1',
    fits: (value) => typeof value === 'number',
  },
  seed: optional(ranges.seed),
};

/**
 * Splits a dataset into two disjoint parts, e.g. for training and validation.
 * @throws DataError `DATASET` if either part would be empty; `OPTION` for invalid options
 */
export function split(dataset: Dataset, options: SplitOptions): readonly [rest: Dataset, held: Dataset] {
  checkArguments(failAt('split'), { dataset: [objects.dataset, dataset] }, options, SPLIT);
  const { length } = dataset;
  const { held, seed } = options;
  const count = held < 1 ? Math.round(held * length) : held;
  if (!Number.isInteger(count) || count < 1 || count >= length) {
    throw new DataError(
      'DATASET',
      `split: held: expected a number or fraction of ${length} samples that leaves neither part empty, got ${held}`,
    );
  }
  const order =
    seed === undefined
      ? Uint32Array.from({ length }, (_, index) => index)
      : permutation(seed, 'split', 0, length);
  // Each part keeps the dataset's order, so that files are read sequentially.
  return [
    subset(dataset, order.subarray(0, length - count).toSorted()),
    subset(dataset, order.subarray(length - count).toSorted()),
  ];
}

function bounded(name: string, length: number, batch: Dataset['batch']): Dataset['batch'] {
  return (indices, draw): Batch | Promise<Batch> => {
    checkIndices(name, indices, length);
    return batch(indices, draw);
  };
}

function checkIndices(name: string, indices: ArrayLike<number>, length: number): void {
  if (indices.length === 0) throw new DataError('SAMPLE_INDEX', `${name}: a batch needs at least one index`);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (Number.isInteger(index) && index >= 0 && index < length) continue;
    throw new DataError('SAMPLE_INDEX', `${name}: expected an index from 0 to ${length - 1}, got ${index}`);
  }
}
