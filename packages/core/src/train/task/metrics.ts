// Classification metrics, computed from logits on the host.
import type { Form } from '../../arguments/forms.ts';
import { DataError, defined } from '../../errors.ts';
import { dimOf } from '../../tensor.ts';
import type { Tensor } from '../../tensor.ts';
import { finiteRows, sampleText } from './task.ts';

/**
 * Returns the index of the largest logit per row, the first of tied ones. `logits: [N, K] -> N class indices`
 * @param origins the original indices of the samples, for errors
 * @throws NonFiniteError if a row contains NaN or an infinity
 */
export function predictedClasses(logits: Tensor, origins?: Uint32Array): readonly number[] {
  return finiteRows(logits, origins).map((row) =>
    row.indexOf(row.reduce((most, value) => Math.max(most, value))),
  );
}

/**
 * Returns the form of a class label: an integer from 0 to `classes - 1`. Custom datasets can use it to report the same errors
 * as training.
 */
export function classLabel(classes: number): Form {
  return {
    text: `a class in 0 .. ${classes - 1}`,
    hint: 'classes are counted from 0: subtract 1 from labels that start at 1',
    fits: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < classes,
  };
}

/** Returns the label of a row. @throws DataError `LABEL` if it is not a class */
function labelOf(labels: Tensor, row: number, { text, hint, fits }: Form, origins?: Uint32Array): number {
  const label = labels.data[row];
  if (label !== undefined && fits(label)) return label;
  throw new DataError(
    'LABEL',
    `label of ${sampleText(row, origins)}: expected ${text}, got ${label}; ${hint}`,
  );
}

/**
 * Returns the number of rows whose largest logit is at the label.
 * @param origins the original indices of the samples, for errors
 * @throws DataError `LABEL` for a label that is not a class
 */
export function correctCount(logits: Tensor, labels: Tensor, origins?: Uint32Array): number {
  const form = classLabel(dimOf(logits.shape, 1));
  return predictedClasses(logits, origins).filter(
    (predicted, row) => predicted === labelOf(labels, row, form, origins),
  ).length;
}

/**
 * Returns the number of rows whose label is among the `k` largest logits. Among equal logits the lower class comes first, so k
 * = 1 is equivalent to {@link correctCount}.
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

/** A confusion matrix of counts `[truth][predicted]`, one row and one column per class. */
export type Confusion = readonly (readonly number[])[];

/**
 * Adds the predictions of one batch to `counts[truth][predicted]`, in place.
 * @throws DataError `LABEL` for a label that is not a class
 */
export function countConfusion(counts: readonly number[][], logits: Tensor, labels: Tensor): void {
  const form = classLabel(counts.length);
  predictedClasses(logits).forEach((predicted, row) => {
    const counted = defined(counts[labelOf(labels, row, form)], 'the counts of a class');
    counted[predicted] = defined(counted[predicted], `the count of class ${predicted}`) + 1;
  });
}

/** The metrics of one class; all but `count` are in 0..1. */
export interface ClassMetrics {
  /** The fraction of the predictions of this class that are correct. */
  readonly precision: number;
  /** The fraction of the images of this class that are predicted as this class. */
  readonly recall: number;
  /** The harmonic mean of precision and recall. */
  readonly f1: number;
  /** The number of images of this class. */
  readonly count: number;
}

/**
 * Returns precision, recall and F1 of each class. They are never NaN: a class that is never predicted has precision 0, a class
 * without images has recall 0, and F1 is 0 if both are.
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

/** Returns the probabilities of one row of logits, in float64. */
export function softmax(logits: ArrayLike<number>): readonly number[] {
  const values = Array.from(logits);
  const max = Math.max(...values);
  const exps = values.map((value) => Math.exp(value - max));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return exps.map((value) => value / total);
}
