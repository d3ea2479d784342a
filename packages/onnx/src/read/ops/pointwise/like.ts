// Small pieces of the graph that operators number by number are made of.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** `number` everywhere, of the shape of x. */
export function like({ frame }: NodeReader, number: number, x: Value): Value {
  return frame.scope.fill(number, x.shape);
}

/** |x|. At 0, where there is no slope, the gradient passes as for positive x. */
export function absolute(node: NodeReader, x: Value): Value {
  return node.op.max(x, node.op.mul(x, like(node, -1, x)));
}
