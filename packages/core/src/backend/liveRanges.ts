// Live ranges: from the step that computes a value to the last one that reads it.
import type { Graph, Node, ValueId } from '../graph/graph.ts';

/** What one step reads and writes. A step is a node, or a backend's lowering of one. */
export interface Accesses {
  readonly reads: readonly ValueId[];
  readonly writes: readonly ValueId[];
}

/** Indices of steps, both included. */
export interface LiveRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The live range of every value that a step writes. What nothing reads dies in the step that writes it.
 * @param kept values that are read once all steps are done: their range ends at `steps.length`
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

/** A node, and the inputs and results that nothing reads after it: their memory may go. */
export interface Release {
  readonly node: Node;
  readonly dead: readonly ValueId[];
}

/** The nodes of a graph, in their order, with what dies at each. */
export function releases(graph: Graph): readonly Release[] {
  const given = { reads: [], writes: graph.inputs.map(({ value }) => value) };
  const steps = [given, ...graph.nodes.map(({ inputs, outputs }) => ({ reads: inputs, writes: outputs }))];
  const kept = [...graph.outputs, ...graph.updates].map(({ value }) => value);
  const released = graph.nodes.map((node) => ({ node, dead: new Array<ValueId>() }));
  for (const [value, { last }] of liveRanges(steps, kept)) {
    // An input that no node reads dies with the first node; what is kept has its end after the last one.
    released[Math.max(last - 1, 0)]?.dead.push(value);
  }
  return released;
}
