// Fills a value of the graph with one number.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** Returns a value with the shape of x, filled with `number`. */
export function like({ frame }: NodeReader, number: number, x: Value): Value {
  return frame.scope.fill(number, x.shape);
}
