// Softmax, LogSoftmax and Hardmax. From operator set 13 on, they run along `axis`. In older ones, they treat all axes
// from `axis` on as one.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { permuted, shaped } from '../arithmetic.ts';
import { axisOf } from '../axes.ts';

/** From this operator set on, they run along a single axis, by default the last. */
const IS_ONE_AXIS = 13;

export const Softmax: ReadOp = alongAxis(({ op }, x, axis) => op.softmax(x, { axis }));

export const LogSoftmax: ReadOp = alongAxis(({ op }, x, axis) => op.logSoftmax(x, { axis }));

/** 1 for the first of the largest values, 0 for all others. */
export const Hardmax: ReadOp = alongAxis((node, x, axis) => {
  const { op } = node;
  const last = x.shape.length - 1;
  // Swaps the axis with the last one. Swapping again restores the order.
  const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = permuted(node, x, order);
  const depth = dimOf(x.shape, axis);
  const labels = shaped(node, op.argMax(moved, { axis: last }), [sizeOf(x.shape) / depth]);
  return permuted(node, shaped(node, op.oneHot(labels, { depth }), moved.shape), order);
});

function alongAxis(emit: (node: NodeReader, x: Value, axis: number) => Value): ReadOp {
  return (node) => {
    const isOne = node.opset >= IS_ONE_AXIS;
    const x = node.float(0);
    const { shape } = x;
    const axis = axisOf(node, node.attributes.int('axis', isOne ? -1 : 1), shape.length);
    const size = sizeOf(shape.slice(axis));
    if (isOne || size === shape[axis]) return emit(node, x, axis);
    return shaped(node, emit(node, shaped(node, x, [sizeOf(shape.slice(0, axis)), size]), 1), shape);
  };
}
