// Compares the results of two candidates, so that only identical networks are timed.
import { defined } from '@isonet/core';
import type { OpenRequest } from '../protocol.ts';

/** The results of a candidate for the weights and images that all candidates receive. */
export interface Computed {
  /** `[N, K]` in row-major order. */
  readonly logits: readonly number[];
  /** The loss of the first training step, if any two libraries are expected to compute the same value. */
  readonly loss?: number | undefined;
}

/** Returns the bound for the difference, which allows for sums in a different order and the 10-bit rounding of TF32. */
export function boundOf({ tf32 }: Pick<OpenRequest, 'tf32'>): number {
  return tf32 ? 1e-2 : 1e-4;
}

/**
 * Returns the largest difference of the logits, and of the losses if both candidates have one, relative to the largest value of the
 * first candidate, or to 1 if that is smaller.
 */
export function differenceOf(own: Computed, first: Computed): number {
  const logits = relative(own.logits, first.logits);
  if (own.loss === undefined || first.loss === undefined) return logits;
  return Math.max(logits, relative([own.loss], [first.loss]));
}

function relative(own: readonly number[], first: readonly number[]): number {
  let [difference, largest] = [0, 1];
  for (const [i, b] of first.entries()) {
    difference = Math.max(difference, Math.abs(defined(own[i], `logit ${i}`) - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return difference / largest;
}
