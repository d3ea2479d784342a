// Lists that ONNX moved from attributes to inputs, so that a network may compute them.
import type { NodeReader } from '../../node.ts';

/** An attribute until operator set `from`, an optional input from then on: undefined where it is left out. */
export function intsOf(
  node: NodeReader,
  name: string,
  input: number,
  from: number,
): readonly number[] | undefined {
  if (node.opset < from) return node.attributes.has(name) ? node.attributes.ints(name) : undefined;
  return node.has(input) ? node.ints(input) : undefined;
}
