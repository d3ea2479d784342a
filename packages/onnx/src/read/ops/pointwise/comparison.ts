// Comparisons, logical operators and Where. Bools are computed as floats, 0 or 1.
import type { Shape, Value } from '@isonet/core';
import { onNumbers } from '../../host/numbers.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';
import { broadcastShape, broadcastTo, everyNumber, spreadTo } from '../broadcasting.ts';
import { isTrue, not, truth } from '../truth.ts';

/** Integers below this are exact in float32, and no larger integer rounds to a value below it. */
const EXACT = 2 ** 24;
const LARGEST = 3.4028234663852886e38;

export const comparisons: ReadOps = {
  Equal: compare(
    ({ op }, a, b) => op.equal(a, b),
    (a, b) => a === b,
  ),
  Greater: compare(
    ({ op }, a, b) => op.greater(a, b),
    (a, b) => a > b,
  ),
  GreaterOrEqual: compare(
    (node, a, b) => notBelow(node, a, b),
    (a, b) => a >= b,
  ),
  Less: compare(
    ({ op }, a, b) => op.greater(b, a),
    (a, b) => a < b,
  ),
  LessOrEqual: compare(
    (node, a, b) => notBelow(node, b, a),
    (a, b) => a <= b,
  ),
  IsInf: (node) => {
    const [low, high] = [
      node.attributes.int('detect_negative', 1) !== 0,
      node.attributes.int('detect_positive', 1) !== 0,
    ];
    const isInfinite = (x: number): boolean => (high && x === Infinity) || (low && x === -Infinity);
    const known = node.known(0);
    if (known) return new Known(onNumbers(node, [known], (x) => Number(isInfinite(x)), 'bool'));
    const x = node.float(0);
    const { op } = node;
    const limit = (number: number): Value => node.frame.scope.fill(number, x.shape);
    const [above, below] = [op.greater(x, limit(LARGEST)), op.greater(limit(-LARGEST), x)];
    if (low && high) return isTrue(node, op.max(truth(node, above), truth(node, below)));
    return low ? below : high ? above : op.greater(limit(0), limit(0));
  },
  IsNaN: (node) => {
    const known = node.known(0);
    if (known) return new Known(onNumbers(node, [known], (x) => Number(Number.isNaN(x)), 'bool'));
    return not(node, node.op.equal(node.float(0), node.float(0)));
  },
};

export const logic: ReadOps = {
  And: connective(
    ({ op }, a, b) => op.min(a, b),
    (a, b) => a * b,
  ),
  Not: (node) => {
    const known = node.known(0);
    if (known) return new Known(onNumbers(node, [known], (x) => 1 - x, 'bool'));
    return not(node, bools(node, 0));
  },
  Or: connective(
    ({ op }, a, b) => op.max(a, b),
    (a, b) => Math.max(a, b),
  ),
  Xor: connective(
    (node, a, b) => truth(node, not(node, node.op.equal(a, b))),
    (a, b) => Math.abs(a - b),
  ),
  Where: where,
};

function compare(
  emit: (node: NodeReader, a: Value, b: Value) => Value,
  holds: (a: number, b: number) => boolean,
): ReadOp {
  return (node) => {
    const [a, b] = [node.known(0), node.known(1)];
    const number = (x: number, y: number): number => Number(holds(x, y));
    if (a && b) return new Known(onNumbers(node, [a, b], number, 'bool'));
    const shape = broadcastShape(node, [node.shape(0), node.shape(1)]);
    return emit(node, comparable(node, 0, shape), comparable(node, 1, shape));
  };
}

/** Returns an input as floats that compare the same way. */
function comparable(node: NodeReader, i: number, shape: Shape): Value {
  const kind = node.kind(i);
  if (kind === 'float') return spreadTo(node, i, shape);
  if (kind === 'int' && !node.inputs.some((operand) => everyNumber(operand, (n) => Math.abs(n) < EXACT))) {
    throw node.fail('integers computed by the network can be compared only with constants below 2^24');
  }
  return broadcastTo(node, truth(node, node.value(i)), shape);
}

/** a >= b, which is false for NaN. */
function notBelow(node: NodeReader, a: Value, b: Value): Value {
  const { op } = node;
  return isTrue(node, op.max(truth(node, op.greater(a, b)), truth(node, op.equal(a, b))));
}

function connective(
  emit: (node: NodeReader, a: Value, b: Value) => Value,
  number: (a: number, b: number) => number,
): ReadOp {
  return (node) => {
    const [a, b] = [node.known(0), node.known(1)];
    if (a && b) return new Known(onNumbers(node, [a, b], number, 'bool'));
    const shape = broadcastShape(node, [node.shape(0), node.shape(1)]);
    const [x, y] = [0, 1].map((i) => broadcastTo(node, truth(node, bools(node, i)), shape)) as [Value, Value];
    return isTrue(node, emit(node, x, y));
  };
}

function bools(node: NodeReader, i: number): Value {
  const value = node.value(i);
  if (value.dtype === 'bool') return value;
  throw node.fail(`expected input ${i} to be bools, got ${value.dtype}`);
}

function where(node: NodeReader): Known | Value {
  const shape = broadcastShape(node, [node.shape(0), node.shape(1), node.shape(2)]);
  const [condition, a, b] = [node.known(0), node.known(1), node.known(2)];
  if (condition && a && b) {
    return new Known(onNumbers(node, [condition, a, b], (c, x, y) => (c === 0 ? y : x), a.kind));
  }
  const chosen = broadcastTo(node, bools(node, 0), shape);
  if (node.kind(1) === 'float') {
    return node.op.select(chosen, spreadTo(node, 1, shape), spreadTo(node, 2, shape));
  }
  const [x, y] = [1, 2].map((i) => broadcastTo(node, truth(node, bools(node, i)), shape)) as [Value, Value];
  return isTrue(node, node.op.select(chosen, x, y));
}
