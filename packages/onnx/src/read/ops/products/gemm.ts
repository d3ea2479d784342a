// Gemm: alpha * A' * B' + beta * C.
import type { Value } from '@isonet/core';
import { dimOf, sameShape, shapeText, sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { shaped } from '../arithmetic.ts';
import { broadcastShape, broadcastTo } from '../broadcasting.ts';
import { factors } from './factors.ts';

export const Gemm: ReadOp = (node) => {
  const { attributes, op } = node;
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  const [transposeA, transposeB] = [attributes.int('transA', 0) !== 0, attributes.int('transB', 0) !== 0];
  const [a, b] = factors(node);
  const product = times(node, op.matMul(a, b, { transposeA, transposeB }), alpha);
  return node.has(2) && beta !== 0 ? plus(node, product, node.weight(2, 'bias'), beta) : product;
};

/** Adds beta times C, which broadcasts to the product: `[]`, `[N]`, `[M, 1]` or `[M, N]`. */
function plus(node: NodeReader, product: Value, c: Value, beta: number): Value {
  const { shape } = product;
  const columns = dimOf(shape, 1);
  if (c.shape.at(-1) === columns && sizeOf(c.shape) === columns) {
    return node.op.biasAdd(product, times(node, shaped(node, c, [columns]), beta));
  }
  if (!sameShape(broadcastShape(node, [c.shape, shape]), shape)) {
    throw node.fail(`C ${shapeText(c.shape)} does not broadcast to ${shapeText(shape)}`);
  }
  return node.op.add(product, broadcastTo(node, times(node, c, beta), shape));
}

function times({ op, frame: { scope } }: NodeReader, x: Value, factor: number): Value {
  return factor === 1 ? x : op.mul(x, scope.fill(factor, x.shape));
}
