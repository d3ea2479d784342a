// Normalizes a tensor by its mean and variance along some axes.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';
import { meanOver } from '../arithmetic.ts';

/** The result of {@link standardized}. The statistics have size 1 along the axes. */
export interface Standardized {
  /** (x - mean) / deviation. */
  readonly h: Value;
  readonly mean: Value;
  /** sqrt(variance + epsilon), with the biased variance. */
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
  const centered = op.sub(x, op.broadcast(mean, { shape }));
  const deviation = rootOf(node, meanOver(node, op.mul(centered, centered), axes), epsilon);
  return { h: op.div(centered, op.broadcast(deviation, { shape })), mean, deviation };
}

/** sqrt(x + epsilon). */
export function rootOf({ op, frame: { scope } }: NodeReader, x: Value, epsilon: number): Value {
  return op.sqrt(epsilon === 0 ? x : op.add(x, scope.fill(epsilon, x.shape)));
}
