// What is counted from logits on the host, and what follows from the counts.
import { DataError } from '../errors.ts';
import { asFloat32 } from '../feeds.ts';
import type { Tensor } from '../tensor.ts';

/** The index of the largest logit per row, the first one of a tie. `logits: [N, K] -> N class indices` */
export function predictedClasses(logits: Tensor): readonly number[] {
  const [n = 0, k = 0] = logits.shape;
  const values = asFloat32(logits);
  return Array.from({ length: n }, (_, row) => {
    let best = 0;
    for (let column = 1; column < k; column++) {
      if ((values[row * k + column] ?? 0) > (values[row * k + best] ?? 0)) best = column;
    }
    return best;
  });
}

/** How many rows have their largest logit at the label. */
export function correctCount(logits: Tensor, labels: Tensor): number {
  return predictedClasses(logits).filter((predicted, row) => predicted === labels.data[row]).length;
}

/**
 * How many rows have their label among the `k` largest logits; of equal logits those of the lower classes come first, so
 * that k = 1 is {@link correctCount}.
 */
export function topKCount(logits: Tensor, labels: Tensor, k: number): number {
  const [n = 0, classes = 0] = logits.shape;
  const values = asFloat32(logits);
  let found = 0;
  for (let row = 0; row < n; row++) {
    const label = labels.data[row] ?? 0;
    const own = values[row * classes + label] ?? NaN;
    let ahead = 0;
    for (let column = 0; column < classes; column++) {
      const other = values[row * classes + column] ?? NaN;
      // Said so that a row of NaN is no hit, but for class 0, which is what predictedClasses makes of it.
      if (column < label ? !(other < own) : other > own) ahead++;
    }
    if (ahead < k) found++;
  }
  return found;
}

/** Counts `[truth][predicted]`, one row and one column per class. */
export type Confusion = readonly (readonly number[])[];

/**
 * Adds the predictions of one batch to `counts[truth][predicted]`, in place.
 * @throws DataError `LABEL` for a label that is no class
 */
export function countConfusion(counts: readonly number[][], logits: Tensor, labels: Tensor): void {
  predictedClasses(logits).forEach((predicted, row) => {
    const truth = labels.data[row] ?? NaN;
    const counted = counts[truth];
    if (!counted) {
      throw new DataError('LABEL', `label: expected a class from 0 to ${counts.length - 1}, got ${truth}`);
    }
    counted[predicted] = (counted[predicted] ?? 0) + 1;
  });
}

/** How well one class is told from the others; each number but `count` in 0..1. */
export interface ClassMetrics {
  /** The part of the predictions of this class that are right. */
  readonly precision: number;
  /** The part of the images of this class that are found. */
  readonly recall: number;
  /** The harmonic mean of the two. */
  readonly f1: number;
  /** Images of this class. */
  readonly count: number;
}

/**
 * Precision, recall and F1 of each class. None is NaN: a class that is never predicted has precision 0, one without images
 * recall 0, and F1 is 0 where both are.
 */
export function perClass(confusion: Confusion): readonly ClassMetrics[] {
  return confusion.map((row, k) => {
    const right = row[k] ?? 0;
    const count = row.reduce((sum, images) => sum + images, 0);
    const predicted = confusion.reduce((sum, other) => sum + (other[k] ?? 0), 0);
    const part = (some: number, all: number): number => (all === 0 ? 0 : some / all);
    const f1 = part(2 * right, predicted + count);
    return { precision: part(right, predicted), recall: part(right, count), f1, count };
  });
}

/** Sum over rows of -log softmax(logits)[label], in float64. */
export function crossEntropySum(logits: Tensor, labels: Tensor): number {
  const [n = 0, k = 0] = logits.shape;
  let sum = 0;
  for (let row = 0; row < n; row++) {
    const values = Array.from(logits.data.subarray(row * k, (row + 1) * k));
    const max = Math.max(...values);
    const total = values.reduce((s, value) => s + Math.exp(value - max), 0);
    sum += Math.log(total) + max - (values[labels.data[row] ?? 0] ?? 0);
  }
  return sum;
}

/** Probabilities of one row of logits, in float64. */
export function softmax(logits: ArrayLike<number>): readonly number[] {
  const values = Array.from(logits);
  const max = Math.max(...values);
  const exps = values.map((value) => Math.exp(value - max));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return exps.map((value) => value / total);
}
