// Bools of the graph as the numbers 0 and 1, which can be computed with.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../node.ts';

/** A bool as 1 or 0. */
export function truth({ op }: NodeReader, bool: Value): Value {
  return op.cast(bool, { to: 'float32' });
}

/** Whether a number, 0 or 1, is 1. */
export function isTrue({ op, frame }: NodeReader, number: Value): Value {
  return op.greater(number, frame.scope.fill(0.5, number.shape));
}

export function not(node: NodeReader, bool: Value): Value {
  return node.op.greater(node.frame.scope.fill(0.5, bool.shape), truth(node, bool));
}
