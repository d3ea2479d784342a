// LRN, LpNormalization and MeanVarianceNormalization: they have no parameters.
import { dimOf, sizeOf } from '@isonet/core';
import type { ReadOp } from '../../node.ts';
import { absolute, meanOver, shaped } from '../arithmetic.ts';
import { axesOf, axisOf } from '../axes.ts';

export const LRN: ReadOp = (node) => {
  const { attributes } = node;
  const size = attributes.int('size');
  const [alpha, beta] = [attributes.float('alpha', 1e-4), attributes.float('beta', 0.75)];
  const bias = attributes.float('bias', 1);
  const x = node.float(0);
  const [n, channels] = [dimOf(x.shape, 0), dimOf(x.shape, 1)];
  // Only the channels matter: all pixels can lie in one row.
  const images = x.shape.length === 4 ? x : shaped(node, x, [n, channels, 1, sizeOf(x.shape) / n / channels]);
  return shaped(node, node.op.lrn(images, { size, alpha, beta, bias }), x.shape);
};

export const LpNormalization: ReadOp = (node) => {
  const { attributes, op } = node;
  const p = attributes.int('p', 2);
  if (p !== 1 && p !== 2) throw node.fail(`expected p = 1 or 2, got ${p}`);
  const x = node.float(0);
  const { shape } = x;
  const axes = [axisOf(node, attributes.int('axis', -1), shape.length)];
  const sums = op.reduceSum(p === 1 ? absolute(node, x) : op.mul(x, x), { axes });
  // All zeros stay zeros.
  const fill = (number: number): typeof x => node.frame.scope.fill(number, sums.shape);
  const positive = op.select(op.equal(sums, fill(0)), fill(1), sums);
  const norm = p === 1 ? positive : op.sqrt(positive);
  return op.div(x, op.broadcast(norm, { shape }));
};

/** As ONNX's own definition in other operators has it, which adds 1e-9 to the deviation. */
export const MeanVarianceNormalization: ReadOp = (node) => {
  const { op } = node;
  const x = node.float(0);
  const { shape } = x;
  const axes = axesOf(node, node.attributes.ints('axes', [0, 2, 3]), shape.length);
  const centred = op.sub(x, op.broadcast(meanOver(node, x, axes), { shape }));
  const deviation = op.sqrt(meanOver(node, op.mul(centred, centred), axes));
  const divisor = op.add(deviation, node.frame.scope.fill(1e-9, deviation.shape));
  return op.div(centred, op.broadcast(divisor, { shape }));
};
