// Selects the values to read where a graph is cut.
import type { Rounding } from '@isonet/conformance/judging';
import { nodeAt, roundingOf, section, valueName } from '@isonet/conformance/judging';
import type { Graph, LiveRange, Node, ValueId } from '@isonet/core';
import { decompose, defined, definitionOf, liveRanges } from '@isonet/core';

/** The nodes that compute and use each value, and the values to read. */
export interface Reads {
  /** Returns whether a node computes the value: false for inputs, state and constants. */
  isMade(value: ValueId): boolean;
  /** Returns the index of the node that computes a value. @throws GraphError if none does */
  producer(value: ValueId): number;
  /**
   * Returns the index of the last node that uses or computes a value; for outputs of the graph, the number of nodes.
   * @throws GraphError if no node computes it
   */
  lastUse(value: ValueId): number;
  /**
   * Returns the values to read if the graph is cut after node `last`: those that later nodes use or the graph
   * outputs, and those on which decisions depend, so that the reference decides the same way. The backward pass needs
   * the latter anyway. No other values are read, because a device cannot fuse away a value that it has to return.
   */
  upTo(last: number): readonly ValueId[];
}

export function readsOf(graph: Graph): Reads {
  const ranges = liveRanges(
    graph.nodes.map(({ inputs, outputs }) => ({ reads: inputs, writes: outputs })),
    graph.outputs.map(({ value }) => value),
  );
  const decisive = decisiveValues(graph);
  const rangeOf = (value: ValueId): LiveRange =>
    defined(ranges.get(value), `the node that computes %${value}`);
  return {
    isMade: (value) => ranges.has(value),
    producer: (value) => rangeOf(value).first,
    lastUse: (value) => rangeOf(value).last,
    upTo: (cut) =>
      [...ranges].flatMap(([value, { first, last }]) =>
        first <= cut && (last > cut || decisive.has(value)) ? [value] : [],
      ),
  };
}

/** Returns the values on which some node's decision depends, except those that rounding cannot have changed. */
function decisiveValues(graph: Graph): ReadonlySet<ValueId> {
  const exact = exactValues(graph);
  return new Set(
    graph.nodes.flatMap((_, index) => decisiveInputs(graph, index)).filter((value) => !exact.has(value)),
  );
}

/**
 * Returns the results of other nodes on which a node's decisions depend. A composite may make decisions anywhere in
 * its decomposition.
 */
function decisiveInputs(graph: Graph, index: number): readonly ValueId[] {
  const own = section(graph, { nodes: [index], reads: nodeAt(graph, index).outputs });
  const primitive = decompose(own.graph, () => true);
  const reached = new Set<ValueId>();
  for (const node of primitive.nodes.toReversed()) {
    if (node.outputs.some((value) => reached.has(value))) for (const value of node.inputs) reached.add(value);
    const { decides } = roundingOf(primitive, node);
    node.inputs.forEach((value, i) => decides.includes(i) && reached.add(value));
  }
  const names = new Set(primitive.inputs.filter(({ value }) => reached.has(value)).map(({ name }) => name));
  return own.borders.filter((value) => names.has(valueName(value)));
}

/** Returns the values that are only copies, choices or comparisons of inputs, state and constants. */
function exactValues(graph: Graph): ReadonlySet<ValueId> {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const exact = new Set(graph.values.flatMap((_, value) => (made.has(value) ? [] : [value])));
  const isExact = (node: Node): boolean =>
    definitionOf(node.op).kind === 'primitive' &&
    isCopy(roundingOf(graph, node)) &&
    node.inputs.every((value) => exact.has(value));
  for (const node of graph.nodes) if (isExact(node)) for (const value of node.outputs) exact.add(value);
  return exact;
}

function isCopy({ units, floor, sums }: Rounding): boolean {
  return units === 0 && floor === 0 && sums.length === 0;
}
