// Conversions between bools of the graph and the numbers 0 and 1, for arithmetic.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../node.ts';

/** Converts a bool to 1 or 0. */
export function truth({ op }: NodeReader, bool: Value): Value {
  return op.cast(bool, { to: 'float32' });
}

/** Converts 1 or 0 to a bool. */
export function isTrue({ op, frame }: NodeReader, number: Value): Value {
  return op.greater(number, frame.scope.fill(0.5, number.shape));
}

export function not(node: NodeReader, bool: Value): Value {
  return node.op.greater(node.frame.scope.fill(0.5, bool.shape), truth(node, bool));
}
