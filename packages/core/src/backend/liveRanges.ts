// Live ranges: from the step that computes a value to the last one that reads it.
import type { Graph, Node, ValueId } from '../graph/graph.ts';

/** The values that one step reads and writes. A step is a node, or a backend's lowering of one. */
export interface Accesses {
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

/** The first and the last step of a range, both included. */
export interface LiveRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Returns the live range of every value that a step writes. A value that is never read dies in the step that writes it.
 * @param kept values that are read after the last step: their range ends at `steps.length`
 */
export function liveRanges(
  steps: readonly Accesses[],
  kept: readonly ValueId[],
): ReadonlyMap<ValueId, LiveRange> {
  const ranges = new Map<ValueId, LiveRange>();
  const use = (value: ValueId, step: number): void => {
    const range = ranges.get(value);
    if (range) ranges.set(value, { first: range.first, last: step });
  };
  steps.forEach(({ reads, writes }, step) => {
    for (const value of reads) use(value, step);
    for (const value of writes) ranges.set(value, { first: step, last: step });
  });
  for (const value of kept) use(value, steps.length);
  return ranges;
}

/**
 * A node, and the values whose memory can be freed after it: its inputs and results that no later node reads.
 */
export interface Release {
  readonly node: Node;
  readonly dead: readonly ValueId[];
}

/** Returns the nodes of a graph in order, each with the values that die there. */
export function releases(graph: Graph): readonly Release[] {
  const given = { reads: [], writes: graph.inputs.map(({ value }) => value) };
  const steps = [given, ...graph.nodes.map(({ inputs, outputs }) => ({ reads: inputs, writes: outputs }))];
  const kept = [...graph.outputs, ...graph.updates].map(({ value }) => value);
  const released = graph.nodes.map((node) => ({ node, dead: new Array<ValueId>() }));
  for (const [value, { last }] of liveRanges(steps, kept)) {
    // An input that no node reads dies at the first node; the range of a kept value ends after the last node.
    released[Math.max(last - 1, 0)]?.dead.push(value);
  }
  return released;
}
