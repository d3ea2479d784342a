// Pow. A known exponent that is a multiple of one half becomes products and roots, which work for every base. All other exponents
// need the logarithm of the base.
import type { Value } from '@isonet/core';
import { sameShape } from '@isonet/core';
import { onNumbers } from '../../host/numbers.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { broadcastShape, broadcastTo, singleNumber, spreadTo } from '../broadcasting.ts';
import { like } from './like.ts';

/** The largest exponent computed as a product. With repeated squaring, it needs at most twelve multiplications. */
const MAX_EXPONENT = 64;
/** The maximum number of distinct exponents in a tensor. */
const MAX_DISTINCT = 16;

export const Pow: ReadOp = (node) => {
  const [a, b] = [node.known(0), node.known(1)];
  if (a && b) return new Known(onNumbers(node, [a, b], (x, y) => powerOf(x, y, a.kind === 'int')));
  const shape = broadcastShape(node, [node.shape(0), node.shape(1)]);
  const x = spreadTo(node, 0, shape);
  if (!b) return computed(node, x, spreadTo(node, 1, shape));
  const number = b.data.length === 1 ? b.data[0] : singleNumber(node, 1);
  if (number !== undefined) return power(node, x, number);
  const exponents = [...new Set(b.data)];
  if (exponents.length > MAX_DISTINCT) {
    throw node.fail(`expected at most ${MAX_DISTINCT} distinct exponents, got ${exponents.length}`);
  }
  // Applies each exponent only to its own bases, and to 1 elsewhere.
  const one = like(node, 1, x);
  return exponents.reduce<Value>((result, exponent) => {
    const mask = onNumbers(node, [b], (y) => Number(y === exponent), 'bool');
    const isOwn = broadcastTo(node, node.constant(mask), shape);
    return node.op.select(isOwn, power(node, node.op.select(isOwn, x, one), exponent), result);
  }, one);
};

function powerOf(x: number, y: number, isInt: boolean): number {
  const result = x ** y;
  return isInt ? Math.trunc(result) : result;
}

/** x^exponent, as products and roots if the exponent is a multiple of one half. */
function power(node: NodeReader, x: Value, exponent: number): Value {
  const { op } = node;
  if (exponent < 0) return op.div(like(node, 1, x), power(node, x, -exponent));
  const whole = Math.trunc(exponent);
  if (exponent <= MAX_EXPONENT && exponent * 2 === Math.trunc(exponent * 2)) {
    const product = whole === 0 ? undefined : integerPower(node, x, whole);
    if (exponent === whole) return product ?? like(node, 1, x);
    const root = op.sqrt(x);
    return product ? op.mul(product, root) : root;
  }
  if (exponent === whole)
    throw node.fail(`expected an integer exponent of at most ${MAX_EXPONENT}, got ${exponent}`);
  // 0 has no logarithm, and its power is 0. A negative base correctly gives NaN.
  const isZero = op.equal(x, like(node, 0, x));
  const base = op.select(isZero, like(node, 1, x), x);
  const curve = op.exp(op.mul(op.log(base), like(node, exponent, x)));
  return op.select(isZero, like(node, 0, x), curve);
}

/** x^exponent for a positive integer, by repeated squaring. */
function integerPower(node: NodeReader, x: Value, exponent: number): Value {
  if (exponent === 1) return x;
  const half = integerPower(node, x, Math.floor(exponent / 2));
  const square = node.op.mul(half, half);
  return exponent % 2 === 0 ? square : node.op.mul(square, x);
}

/** x^y for an exponent that the network computes: e^(y log x). */
function computed(node: NodeReader, x: Value, y: Value): Value {
  if (!sameShape(x.shape, y.shape)) throw node.fail('expected operands that broadcast');
  node.frame.note(`"${node.name}" (Pow) has an exponent that is not a constant, so negative bases give NaN`);
  return node.op.exp(node.op.mul(node.op.log(x), y));
}
