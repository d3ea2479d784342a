// Axes as files write them: negative ones count from the end.
import type { NodeReader } from '../../node.ts';

/** An axis from 0 to below the rank. @throws NodeError for one outside */
export function axisOf(node: NodeReader, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(at) && at >= 0 && at < rank) return at;
  throw node.fail(`expected an axis from ${-rank} to ${rank - 1}, got ${axis}`);
}

/** Several, each once. */
export function axesOf(node: NodeReader, axes: readonly number[], rank: number): readonly number[] {
  const all = axes.map((axis) => axisOf(node, axis, rank));
  if (new Set(all).size === all.length) return all;
  throw node.fail(`expected each axis once, got ${axes.join(', ')}`);
}

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
