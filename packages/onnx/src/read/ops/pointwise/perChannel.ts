// Add and Mul with an initializer that has one element per channel: the bias of a product or convolution, or batch
// normalization that was exported as a scale and a bias. Such an initializer is learned.
import type { Shape } from '@isonet/core';
import { dimOf, sameShape, Value } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { broadcastShape, broadcastTo } from '../broadcasting.ts';

/** Creates a reader for Add or Mul with a per-channel parameter; `otherwise` reads all other cases. */
export function perChannel(role: 'bias' | 'scale', otherwise: ReadOp): ReadOp {
  return (node) => {
    for (const i of [0, 1]) {
      const axis = channelAxis(node, i, role);
      if (axis !== undefined) return emit(node, node.float(1 - i), node.weight(i, role), axis, role);
    }
    return otherwise(node);
  };
}

function emit(node: NodeReader, x: Value, parameter: Value, axis: number, role: 'bias' | 'scale'): Value {
  const { op } = node;
  if (role === 'scale') return op.mul(x, broadcastTo(node, parameter, x.shape));
  if (axis !== 1) return op.add(x, broadcastTo(node, parameter, x.shape));
  const shape = [dimOf(x.shape, axis)];
  return op.biasAdd(x, parameter.shape.length === 1 ? parameter : op.reshape(parameter, { shape }));
}

/**
 * Returns the channel axis if input `i` is an initializer with one element per channel and the other input depends on parameters;
 * undefined otherwise. A constant added to an image before the first layer is not a bias.
 */
function channelAxis(node: NodeReader, i: number, role: 'bias' | 'scale'): number | undefined {
  const x = node.input(1 - i);
  if (node.storedName(i) === undefined || !(x instanceof Value)) return undefined;
  const own = node.shape(i);
  const rank = x.shape.length;
  if (!node.frame.learnedFrom.has(x) || !sameShape(broadcastShape(node, [own, x.shape]), x.shape))
    return undefined;
  // A single number is a scalar, except for the bias of a product with one column.
  if (own.every((dim) => dim === 1)) {
    return role === 'bias' && own.length === 1 && rank === 2 && x.shape[1] === 1 ? 1 : undefined;
  }
  const axis = onlyAxis(own) + rank - own.length;
  return axis === 1 || (axis > 0 && axis === rank - 1) ? axis : undefined;
}

/** Returns the only axis longer than 1; -Infinity if there are none or several. */
function onlyAxis(shape: Shape): number {
  const axes = shape.flatMap((dim, axis) => (dim === 1 ? [] : [axis]));
  return axes.length === 1 ? axes[0]! : -Infinity;
}
