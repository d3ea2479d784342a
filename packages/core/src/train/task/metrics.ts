// What is counted from logits on the host, and what follows from the counts.
import type { Form } from '../../arguments/forms.ts';
import { DataError, defined } from '../../errors.ts';
import { dimOf } from '../../tensor.ts';
import type { Tensor } from '../../tensor.ts';
import { finiteRows, sampleText } from './task.ts';

/**
 * The index of the largest logit per row, the first one of a tie. `logits: [N, K] -> N class indices`
 * @param origins which samples of the data they are of, for errors
 * @throws NonFiniteError when a row holds NaN or an infinity
 */
export function predictedClasses(logits: Tensor, origins?: Uint32Array): readonly number[] {
  return finiteRows(logits, origins).map((row) =>
    row.indexOf(row.reduce((most, value) => Math.max(most, value))),
  );
}

/**
 * What a label of `classes` classes has to be: a whole number, counted from 0. For data sets of one's own, to say the same as
 * training does.
 */
export function classLabel(classes: number): Form {
  return {
    text: `a class in 0 .. ${classes - 1}`,
    hint: 'classes count from 0: subtract 1 from labels that begin at 1',
    fits: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < classes,
  };
}

/** The label of a row. @throws DataError `LABEL` for one that is not a class */
function labelOf(labels: Tensor, row: number, { text, hint, fits }: Form, origins?: Uint32Array): number {
  const label = labels.data[row];
  if (label !== undefined && fits(label)) return label;
  throw new DataError(
    'LABEL',
    `label of ${sampleText(row, origins)}: expected ${text}, got ${label}; ${hint}`,
  );
}

/**
 * How many rows have their largest logit at the label.
 * @param origins which samples of the data they are of, for errors
 * @throws DataError `LABEL` for a label that is not a class
 */
export function correctCount(logits: Tensor, labels: Tensor, origins?: Uint32Array): number {
  const form = classLabel(dimOf(logits.shape, 1));
  return predictedClasses(logits, origins).filter(
    (predicted, row) => predicted === labelOf(labels, row, form, origins),
  ).length;
}

/**
 * How many rows have their label among the `k` largest logits; of equal logits those of the lower classes come first, so
 * that k = 1 is {@link correctCount}.
 * @throws DataError `LABEL` for a label that is not a class
 */
export function topKCount(logits: Tensor, labels: Tensor, k: number): number {
  const form = classLabel(dimOf(logits.shape, 1));
  const found = finiteRows(logits).filter((row, i) => {
    const label = labelOf(labels, i, form);
    const own = defined(row[label], `the logit of class ${label}`);
    const ahead = row.filter((other, column) => (column < label ? other >= own : other > own));
    return ahead.length < k;
  });
  return found.length;
}

/** Counts `[truth][predicted]`, one row and one column per class. */
export type Confusion = readonly (readonly number[])[];

/**
 * Adds the predictions of one batch to `counts[truth][predicted]`, in place.
 * @throws DataError `LABEL` for a label that is no class
 */
export function countConfusion(counts: readonly number[][], logits: Tensor, labels: Tensor): void {
  const form = classLabel(counts.length);
  predictedClasses(logits).forEach((predicted, row) => {
    const counted = defined(counts[labelOf(labels, row, form)], 'the counts of a class');
    counted[predicted] = defined(counted[predicted], `the count of class ${predicted}`) + 1;
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
    const right = defined(row[k], `the confusion of class ${k}`);
    const count = row.reduce((sum, images) => sum + images, 0);
    const predicted = confusion.reduce(
      (sum, other) => sum + defined(other[k], `the confusion of class ${k}`),
      0,
    );
    const part = (some: number, all: number): number => (all === 0 ? 0 : some / all);
    const f1 = part(2 * right, predicted + count);
    return { precision: part(right, predicted), recall: part(right, count), f1, count };
  });
}

/** Probabilities of one row of logits, in float64. */
export function softmax(logits: ArrayLike<number>): readonly number[] {
  const values = Array.from(logits);
  const max = Math.max(...values);
  const exps = values.map((value) => Math.exp(value - max));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return exps.map((value) => value / total);
}
