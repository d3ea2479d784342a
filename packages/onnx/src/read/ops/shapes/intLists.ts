// Reads integer lists that later operator sets moved from attributes to inputs.
import type { NodeReader } from '../../node.ts';

/**
 * Returns a list that is an attribute before operator set `from` and an input from then on; undefined if it is omitted.
 */
export function intsOf(
  node: NodeReader,
  name: string,
  input: number,
  from: number,
): readonly number[] | undefined {
  if (node.opset < from) return node.attributes.has(name) ? node.attributes.ints(name) : undefined;
  return node.has(input) ? node.ints(input) : undefined;
}
