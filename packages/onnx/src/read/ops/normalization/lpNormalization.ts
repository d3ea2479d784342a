// LpNormalization: divides the vectors along an axis by their norms.
import type { Value } from '@isonet/core';
import type { ReadOp } from '../../node.ts';
import { absolute } from '../arithmetic.ts';
import { axisOf } from '../axes.ts';

export const LpNormalization: ReadOp = (node) => {
  const { attributes, op } = node;
  const p = attributes.int('p', 2);
  if (p !== 1 && p !== 2) throw node.fail(`expected p = 1 or 2, got ${p}`);
  const x = node.float(0);
  const { shape } = x;
  const axes = [axisOf(node, attributes.int('axis', -1), shape.length)];
  const sums = op.reduceSum(p === 1 ? absolute(node, x) : op.mul(x, x), { axes });
  // A vector of zeros stays zero.
  const fill = (number: number): Value => node.frame.scope.fill(number, sums.shape);
  const positive = op.select(op.equal(sums, fill(0)), fill(1), sums);
  const norm = p === 1 ? positive : op.sqrt(positive);
  return op.div(x, op.broadcast(norm, { shape }));
};
