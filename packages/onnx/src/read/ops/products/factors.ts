// The two factors of a product: an initializer that multiplies what the network computes is a weight.
import { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** Inputs 0 and 1. */
export function factors(node: NodeReader): readonly [Value, Value] {
  // Of two initializers the second is the weight: the first is what a network of constants would be fed.
  const a = node.input(1) instanceof Value ? node.weight(0, 'weight') : node.float(0);
  return [a, node.weight(1, 'weight')];
}
