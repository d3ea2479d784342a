// Numbers as values of the graph.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** `number` everywhere, of the shape of x. */
export function like({ frame }: NodeReader, number: number, x: Value): Value {
  return frame.scope.fill(number, x.shape);
}
