// Compares what two candidates compute, so that only the same network is timed.
import { defined } from '@isonet/core';
import type { OpenRequest } from '../protocol.ts';

/** What a candidate computed from the weights and images that all of them were given. */
export interface Computed {
  /** `[N, K]` in row-major order. */
  readonly logits: readonly number[];
  /** Of the first step, where the work is steps and two libraries have the same. */
  readonly loss?: number | undefined;
}

/** How far results may lie apart: rounding in another order, or to 10 bits in TF32. */
export function boundOf({ tf32 }: Pick<OpenRequest, 'tf32'>): number {
  return tf32 ? 1e-2 : 1e-4;
}

/**
 * The largest difference of the logits, and of the losses where both have one, relative to the largest number of the
 * first candidate, or to 1 where that is smaller.
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
