// The factors of a product. An initializer that multiplies a computed value is a weight.
import { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** Returns inputs 0 and 1. */
export function factors(node: NodeReader): readonly [Value, Value] {
  // Of two initializers, only the second is a weight: the first takes the place of the data.
  const a = node.input(1) instanceof Value ? node.weight(0, 'weight') : node.float(0);
  return [a, node.weight(1, 'weight')];
}
