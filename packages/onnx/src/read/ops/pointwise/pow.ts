// Pow. Exponents that are known multiples of a half are products and roots, which hold for every base; all others need a
// logarithm of the base.
import type { Value } from '@isonet/core';
import { sameShape } from '@isonet/core';
import { onNumbers } from '../../host/numbers.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { broadcastShape, broadcastTo, singleNumber, spreadTo } from '../broadcasting.ts';
import { like } from './like.ts';

/** Up to here a power is a product: by squaring, at most twelve factors. */
const MOST = 64;
/** A tensor of exponents is read number by number up to so many different ones. */
const MOST_EXPONENTS = 16;

export const Pow: ReadOp = (node) => {
  const [a, b] = [node.known(0), node.known(1)];
  if (a && b) return new Known(onNumbers(node, [a, b], (x, y) => powerOf(x, y, a.kind === 'int')));
  const shape = broadcastShape(node, [node.shape(0), node.shape(1)]);
  const x = spreadTo(node, 0, shape);
  if (!b) return computed(node, x, spreadTo(node, 1, shape));
  const number = b.data.length === 1 ? b.data[0] : singleNumber(node, 1);
  if (number !== undefined) return power(node, x, number);
  const exponents = [...new Set(b.data)];
  if (exponents.length > MOST_EXPONENTS) {
    throw node.fail(`expected at most ${MOST_EXPONENTS} different exponents, got ${exponents.length}`);
  }
  // Each of them on the bases that it is for; elsewhere the base is 1.
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

/** x^exponent. Products and roots where the exponent is a multiple of a half. */
function power(node: NodeReader, x: Value, exponent: number): Value {
  const { op } = node;
  if (exponent < 0) return op.div(like(node, 1, x), power(node, x, -exponent));
  const whole = Math.trunc(exponent);
  if (exponent <= MOST && exponent * 2 === Math.trunc(exponent * 2)) {
    const product = whole === 0 ? undefined : wholePower(node, x, whole);
    if (exponent === whole) return product ?? like(node, 1, x);
    const root = op.sqrt(x);
    return product ? op.mul(product, root) : root;
  }
  if (exponent === whole) throw node.fail(`exponent ${exponent}: whole ones are read up to ${MOST}`);
  // 0 has no logarithm; its power is 0. A negative base gives NaN, as it should.
  const isZero = op.equal(x, like(node, 0, x));
  const base = op.select(isZero, like(node, 1, x), x);
  const curve = op.exp(op.mul(op.log(base), like(node, exponent, x)));
  return op.select(isZero, like(node, 0, x), curve);
}

/** By squaring. */
function wholePower(node: NodeReader, x: Value, exponent: number): Value {
  if (exponent === 1) return x;
  const half = wholePower(node, x, Math.floor(exponent / 2));
  const square = node.op.mul(half, half);
  return exponent % 2 === 0 ? square : node.op.mul(square, x);
}

/** An exponent that the network computes: e^(y log x). */
function computed(node: NodeReader, x: Value, y: Value): Value {
  if (!sameShape(x.shape, y.shape)) throw node.fail('expected operands that broadcast');
  node.frame.note(
    `"${node.name}" (Pow) has an exponent that is not a constant: bases that are not positive give NaN`,
  );
  return node.op.exp(node.op.mul(node.op.log(x), y));
}
