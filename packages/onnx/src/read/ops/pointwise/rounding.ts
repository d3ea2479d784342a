// Floor, Ceil and Round, computed exactly with the graph's ops. Their gradient is 0 everywhere.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';
import { absolute } from '../arithmetic.ts';
import { like } from './like.ts';

/** Every float32 of at least this magnitude is an integer. */
const ALL_INTEGERS = 2 ** 23;

/** The largest integer that is not above x. */
export function floor(node: NodeReader, x: Value): Value {
  const { op } = node;
  const [still, zeros, ones] = [op.stopGradient(x), like(node, 0, x), like(node, 1, x)];
  // NaN compares as not small, so it passes through. A cast to int32 is defined only for values that fit.
  const isSmall = op.greater(like(node, ALL_INTEGERS, x), absolute(node, still));
  const towardZero = op.cast(op.cast(op.select(isSmall, still, zeros), { to: 'int32' }), { to: 'float32' });
  const tooHigh = op.select(op.greater(towardZero, still), ones, zeros);
  return op.select(isSmall, op.sub(towardZero, tooHigh), still);
}

/** The smallest integer that is not below x. */
export function ceil(node: NodeReader, x: Value): Value {
  const minus = like(node, -1, x);
  return node.op.mul(floor(node, node.op.mul(x, minus)), minus);
}

/** The nearest integer; halves round to even. */
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
  // An infinity minus itself is NaN, so values without a fraction pass through.
  return op.select(op.equal(low, still), still, rounded);
}

/** Like {@link roundEven}, for a number. */
export function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest > 0.5 ? low + 1 : low;
}
