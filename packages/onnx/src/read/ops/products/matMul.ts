// MatMul: products of matrices, of stacks of matrices that broadcast, and of vectors.
import type { Shape, Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { permuted, shaped } from '../arithmetic.ts';
import { broadcastShape, broadcastTo } from '../broadcasting.ts';
import { factors } from './factors.ts';

export const MatMul: ReadOp = (node) => {
  const [a, b] = factors(node);
  if (a.shape.length === 0 || b.shape.length === 0)
    throw node.fail('expected matrices or vectors, got a scalar');
  const [rows, columns] = [a.shape.length === 1, b.shape.length === 1];
  const left = rows ? shaped(node, a, [1, ...a.shape]) : a;
  const right = columns ? shaped(node, b, [...b.shape, 1]) : b;
  const product = matrices(node, left, right);
  // Removes the axis of size 1 that turned a vector into a matrix.
  const { shape } = product;
  return shaped(node, product, [
    ...shape.slice(0, -2),
    ...(rows ? [] : [dimOf(shape, shape.length - 2)]),
    ...(columns ? [] : [dimOf(shape, shape.length - 1)]),
  ]);
};

/** `[..., M, K], [..., K, N] -> [..., M, N]` */
function matrices(node: NodeReader, a: Value, b: Value): Value {
  const [m, k] = sides(a.shape);
  const [inner, n] = sides(b.shape);
  if (k !== inner) {
    throw node.fail(`cannot multiply [${a.shape.join(', ')}] by [${b.shape.join(', ')}]`);
  }
  const stack = broadcastShape(node, [a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const shape = [...stack, m, n];
  if (countOf(b) === 1) return shaped(node, oneOnTheRight(node, a, shaped(node, b, [k, n])), shape);
  if (countOf(a) === 1) return shaped(node, oneOnTheLeft(node, shaped(node, a, [m, k]), b), shape);
  const count = sizeOf(stack);
  const [left, right] = [broadcastTo(node, a, [...stack, m, k]), broadcastTo(node, b, [...stack, k, n])];
  const product = node.op.batchMatMul(shaped(node, left, [count, m, k]), shaped(node, right, [count, k, n]), {
    transposeA: false,
    transposeB: false,
  });
  return shaped(node, product, shape);
}

/** Multiplies a stack of matrices by a single matrix: all rows of the stack form one matrix. */
function oneOnTheRight(node: NodeReader, a: Value, b: Value): Value {
  const k = dimOf(b.shape, 0);
  const rows = shaped(node, a, [sizeOf(a.shape) / k, k]);
  return node.op.matMul(rows, b, { transposeA: false, transposeB: false });
}

/** Multiplies a single matrix by a stack of matrices: transposing puts the single one on the right. */
function oneOnTheLeft(node: NodeReader, a: Value, b: Value): Value {
  const [k, n] = sides(b.shape);
  const stack = b.shape.slice(0, -2);
  const swapped = b.shape.map((_, axis) => axis);
  swapped.push(...swapped.splice(-2).toReversed());
  const rows = shaped(node, permuted(node, b, swapped), [sizeOf(stack) * n, k]);
  const product = node.op.matMul(rows, a, { transposeA: false, transposeB: true });
  return permuted(node, shaped(node, product, [...stack, n, dimOf(a.shape, 0)]), swapped);
}

function sides(shape: Shape): readonly [number, number] {
  return [dimOf(shape, shape.length - 2), dimOf(shape, shape.length - 1)];
}

function countOf({ shape }: Value): number {
  return sizeOf(shape.slice(0, -2));
}
