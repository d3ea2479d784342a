// ScatterElements as the gradient of a max pooling: adds each update at the position of its maximum.
import { sameShape, sizeOf, Value } from '@isonet/core';
import type { ReadOp } from '../../node.ts';
import { shaped } from '../arithmetic.ts';
import { axisOf } from '../axes.ts';
import { everyNumber } from '../broadcasting.ts';

export const ScatterElements: ReadOp = (node) => {
  const { attributes, frame, op } = node;
  const [data, indices] = [node.shape(0), node.input(1)];
  const axis = axisOf(node, attributes.int('axis', 0), data.length);
  const pool = indices instanceof Value ? frame.poolOfIndices.get(indices) : undefined;
  const isSum = attributes.string('reduction', 'none') === 'add';
  // The indices count across all images, so the axis must span all of them.
  if (!pool || !isSum || data[axis] !== sizeOf(pool.x.shape) || data.length > 1) {
    throw node.fail('supported only as a sum at the indices of a MaxPool, along one axis of all pixels');
  }
  if (!sameShape(node.shape(2), node.shape(1)))
    throw node.fail('expected updates and indices of the same shape');
  const { x, y, attrs } = pool;
  const sums = shaped(node, op.maxPool2dGrad(x, y, shaped(node, node.float(2), y.shape), attrs), data);
  return everyNumber(node.input(0), (number) => number === 0) ? sums : op.add(node.float(0), sums);
};
