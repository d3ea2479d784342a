// Normalization within a sample, shared by groupNorm and layerNorm: statistics over some axes of x, never over the batch.
import type { Value } from '../graph/value.ts';
import { dimOf } from '../tensor.ts';
import { deviation } from './batchNorm.ts';
import type { Build } from './definition.ts';

export interface Standardized {
  /** (x - mean) / deviation: mean 0 and variance 1 along the axes. */
  readonly h: Value;
  /** sqrt(variance + epsilon), with x's shape. */
  readonly spread: Value;
}

/** Standardizes x along the axes, with the biased variance. */
export function standardized(b: Build, x: Value, axes: readonly number[], epsilon: number): Standardized {
  const centered = b.op.sub(x, repeated(b, meanOver(b, x, axes), x));
  const variance = meanOver(b, b.op.mul(centered, centered), axes);
  const spread = repeated(b, deviation(b, variance, epsilon), x);
  return { h: b.op.div(centered, spread), spread };
}

/** Derives the gradient of x from that of h: (dh - mean(dh) - h * mean(dh * h)) / deviation. */
export function throughStandardized(
  b: Build,
  { h, spread }: Standardized,
  dh: Value,
  axes: readonly number[],
): Value {
  const mean = repeated(b, meanOver(b, dh, axes), dh);
  const alongH = repeated(b, meanOver(b, b.op.mul(dh, h), axes), dh);
  return b.op.div(b.op.sub(b.op.sub(dh, mean), b.op.mul(h, alongH)), spread);
}

/** Returns the mean over the axes, keeping them with size 1. */
function meanOver(b: Build, x: Value, axes: readonly number[]): Value {
  const sum = b.op.reduceSum(x, { axes });
  const count = axes.reduce((product, axis) => product * dimOf(x.shape, axis), 1);
  return b.op.div(sum, b.fill(count, sum.shape));
}

function repeated(b: Build, x: Value, { shape }: Value): Value {
  return b.op.broadcast(x, { shape });
}
