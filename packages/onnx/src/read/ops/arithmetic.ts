// Compositions of graph ops that several operator readers share.
import type { Shape, Value } from '@isonet/core';
import { dimOf, sameShape } from '@isonet/core';
import type { NodeReader } from '../node.ts';
import { like } from './pointwise/like.ts';

/** |x|. At 0, where the derivative is undefined, the gradient is that of positive x. `[...] -> [...]` */
export function absolute(node: NodeReader, x: Value): Value {
  return node.op.max(x, negative(node, x));
}

/** -x. `[...] -> [...]` */
export function negative(node: NodeReader, x: Value): Value {
  return node.op.mul(x, like(node, -1, x));
}

/** Sums over some axes, which are kept with size 1. */
export function sumOver({ op }: NodeReader, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : op.reduceSum(x, { axes });
}

/** Averages over some axes, which are kept with size 1. */
export function meanOver(node: NodeReader, x: Value, axes: readonly number[]): Value {
  const sum = sumOver(node, x, axes);
  const count = axes.reduce((product, axis) => product * dimOf(x.shape, axis), 1);
  return count === 1 ? sum : node.op.div(sum, node.frame.scope.fill(count, sum.shape));
}

/** Reshapes x, if needed. */
export function shaped({ op }: NodeReader, x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : op.reshape(x, { shape });
}

/** Transposes x, if needed: `[A, B, C] -> [B, A, C]` for [1, 0, 2]. */
export function permuted({ op }: NodeReader, x: Value, permutation: readonly number[]): Value {
  return permutation.every((from, to) => from === to) ? x : op.transpose(x, { permutation });
}
