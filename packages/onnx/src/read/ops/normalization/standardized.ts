// Normalization by the mean and the variance along some axes of a tensor.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';
import { meanOver } from '../arithmetic.ts';

/** What {@link standardized} gives; the statistics have size 1 along the axes. */
export interface Standardized {
  /** (x - mean) / deviation. */
  readonly h: Value;
  readonly mean: Value;
  /** The square root of the variance, which is the biased one, and epsilon. */
  readonly deviation: Value;
}

export function standardized(
  node: NodeReader,
  x: Value,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  const { op } = node;
  const { shape } = x;
  const mean = meanOver(node, x, axes);
  const centred = op.sub(x, op.broadcast(mean, { shape }));
  const deviation = rootOf(node, meanOver(node, op.mul(centred, centred), axes), epsilon);
  return { h: op.div(centred, op.broadcast(deviation, { shape })), mean, deviation };
}

/** sqrt(x + epsilon). */
export function rootOf({ op, frame: { scope } }: NodeReader, x: Value, epsilon: number): Value {
  return op.sqrt(epsilon === 0 ? x : op.add(x, scope.fill(epsilon, x.shape)));
}
