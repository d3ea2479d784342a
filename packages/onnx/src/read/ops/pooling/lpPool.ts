// LpPool and GlobalLpPool: the p-norm of each window, for p = 1 and 2.
import type { Value } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { asGiven, asImages } from '../convolution/window.ts';
import { absolute } from '../arithmetic.ts';
import { windowSums } from './averagePool.ts';
import { poolWindowOf } from './window.ts';

export const LpPool: ReadOp = (node) => {
  const norm = normOf(node);
  const x = node.float(0);
  const pool = poolWindowOf(node, x.shape);
  return asGiven(
    node,
    norm(asImages(node, x), (values) => windowSums(node, values, pool)),
    x.shape,
  );
};

export const GlobalLpPool: ReadOp = (node) => {
  const x = node.float(0);
  const axes = x.shape.map((_, axis) => axis).slice(2);
  return normOf(node)(x, (values) => node.op.reduceSum(values, { axes }));
};

/** (sum of |x|^p)^(1/p). */
function normOf(node: NodeReader): (x: Value, sum: (values: Value) => Value) => Value {
  const p = node.attributes.int('p', 2);
  if (p === 1) return (x, sum) => sum(absolute(node, x));
  if (p === 2) return (x, sum) => node.op.sqrt(sum(node.op.mul(x, x)));
  throw node.fail(`expected p = 1 or 2, got ${p}`);
}
