// Floor, Ceil and Round by the graph's ops, exactly. Their gradient is 0 everywhere.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';
import { absolute } from '../arithmetic.ts';
import { like } from './like.ts';

/** From here on every float32 is a whole number. */
const WHOLE = 2 ** 23;

/** The largest whole number that is not above x. */
export function floor(node: NodeReader, x: Value): Value {
  const { op } = node;
  const [still, zeros, ones] = [op.stopGradient(x), like(node, 0, x), like(node, 1, x)];
  // NaN is not below either: it is chosen as it is. A cast to int32 is defined for what fits.
  const isSmall = op.greater(like(node, WHOLE, x), absolute(node, still));
  const towardZero = op.cast(op.cast(op.select(isSmall, still, zeros), { to: 'int32' }), { to: 'float32' });
  const tooHigh = op.select(op.greater(towardZero, still), ones, zeros);
  return op.select(isSmall, op.sub(towardZero, tooHigh), still);
}

/** The smallest whole number that is not below x. */
export function ceil(node: NodeReader, x: Value): Value {
  const minus = like(node, -1, x);
  return node.op.mul(floor(node, node.op.mul(x, minus)), minus);
}

/** The nearest whole number; halves go to the even one. */
export function roundEven(node: NodeReader, x: Value): Value {
  const { op } = node;
  const [still, half] = [op.stopGradient(x), like(node, 0.5, x)];
  const [zeros, ones] = [like(node, 0, x), like(node, 1, x)];
  const low = floor(node, x);
  const rest = op.sub(still, low);
  const pairs = floor(node, op.mul(low, half));
  const isOdd = op.sub(low, op.add(pairs, pairs));
  const up = op.select(op.greater(rest, half), ones, zeros);
  const rounded = op.add(low, op.select(op.equal(rest, half), isOdd, up));
  // An infinity less itself is NaN: what has no fraction stays as it is.
  return op.select(op.equal(low, still), still, rounded);
}

/** As {@link roundEven}, of a number. */
export function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest > 0.5 ? low + 1 : low;
}
