// The values that are read where a graph is cut.
import type { Rounding } from '@isonet/conformance/judging';
import { roundingOf } from '@isonet/conformance/judging';
import type { Graph, LiveRange, Node, ValueId } from '@isonet/core';
import { decompose, defined, liveRanges } from '@isonet/core';
import { nodeAt, section, valueName } from './section.ts';

/** Where values are made and used. */
export interface Reads {
  /** Whether a node makes the value: false for inputs, state and constants. */
  isMade(value: ValueId): boolean;
  /** The index of the node that makes a value. @throws GraphError when none does */
  producer(value: ValueId): number;
  /**
   * The index of the last node that uses or makes a value that a node makes; for outputs of the graph, the number of nodes.
   */
  lastUse(value: ValueId): number;
  /**
   * The values to read of a graph that is cut after node `last`: what later nodes need or the graph gives, and what
   * decisions were taken on, so that the reference can take the very same ones. The backward pass needs these anyway;
   * nothing else is read, for a device that has to hand out a value cannot fuse it away.
   */
  upTo(last: number): readonly ValueId[];
}

export function readsOf(graph: Graph): Reads {
  const ranges = liveRanges(
    graph.nodes.map(({ inputs, outputs }) => ({ reads: inputs, writes: outputs })),
    graph.outputs.map(({ value }) => value),
  );
  const decisive = decisiveValues(graph);
  const rangeOf = (value: ValueId): LiveRange => defined(ranges.get(value), `the node that makes %${value}`);
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

/** Values on which some node decides, except those that no rounding can have touched. */
function decisiveValues(graph: Graph): ReadonlySet<ValueId> {
  const exact = exactValues(graph);
  return new Set(
    graph.nodes.flatMap((_, index) => decisiveInputs(graph, index)).filter((value) => !exact.has(value)),
  );
}

/** The results of other nodes on which a node decides. A composite may decide anywhere in its decomposition. */
function decisiveInputs(graph: Graph, index: number): readonly ValueId[] {
  const own = section(graph, { nodes: [index], reads: nodeAt(graph, index).outputs });
  const primitive = decompose(own.graph, () => true);
  const reached = new Set<ValueId>();
  for (const node of primitive.nodes.toReversed()) {
    if (node.outputs.some((value) => reached.has(value))) for (const value of node.inputs) reached.add(value);
    const { decides } = defined(roundingOf(primitive, node), `the rounding of ${node.op}`);
    node.inputs.forEach((value, i) => decides.includes(i) && reached.add(value));
  }
  const names = new Set(primitive.inputs.filter(({ value }) => reached.has(value)).map(({ name }) => name));
  return own.borders.filter((value) => names.has(valueName(value)));
}

/** Values that are only copied, chosen or compared from inputs, state and constants. */
function exactValues(graph: Graph): ReadonlySet<ValueId> {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const exact = new Set(graph.values.flatMap((_, value) => (made.has(value) ? [] : [value])));
  const isExact = (node: Node): boolean => {
    const rounding = roundingOf(graph, node);
    return rounding !== undefined && isCopy(rounding) && node.inputs.every((value) => exact.has(value));
  };
  for (const node of graph.nodes) if (isExact(node)) for (const value of node.outputs) exact.add(value);
  return exact;
}

function isCopy({ units, floor, sums }: Rounding): boolean {
  return units === 0 && floor === 0 && sums.length === 0;
}
