// Which values are read where a graph is cut.
import type { Graph, Node, OpName, ValueId } from '@isonet/core';
import { decompose } from '@isonet/core';
import { nodeAt, section, valueName } from './section.ts';

/** Where values are made and used. */
export interface Reads {
  /** The index of the node that makes a value; undefined for inputs, state and constants. */
  producer(value: ValueId): number | undefined;
  /** The index of the last node that uses a value; Infinity for outputs of the graph. */
  lastUse(value: ValueId): number;
  /**
   * Of a graph that is cut after node `last`: what later nodes need or the graph gives, and what decisions were taken on,
   * so that the reference can take the very same ones. The backward pass needs these anyway; nothing else is read, for a
   * device that has to hand out a value cannot fuse it away.
   */
  upTo(last: number): readonly ValueId[];
}

export function readsOf(graph: Graph): Reads {
  const producers = new Map<ValueId, number>();
  const lastUses = new Map<ValueId, number>();
  graph.nodes.forEach(({ inputs, outputs }, index) => {
    for (const value of inputs) lastUses.set(value, index);
    for (const value of outputs) producers.set(value, index);
  });
  for (const { value } of graph.outputs) lastUses.set(value, Infinity);
  const decisive = decisiveValues(graph);
  const lastUse = (value: ValueId): number => lastUses.get(value) ?? -1;
  const upTo = (last: number): readonly ValueId[] =>
    [...producers].flatMap(([value, producer]) =>
      producer <= last && (lastUse(value) > last || decisive.has(value)) ? [value] : [],
    );
  return { producer: (value) => producers.get(value), lastUse, upTo };
}

/** Inputs of a primitive on which it decides: a comparison that rounding turns, a maximum that it moves. */
const DECISIVE: { readonly [K in OpName]?: readonly number[] } = {
  argMax: [0],
  cast: [0],
  equal: [0, 1],
  greater: [0, 1],
  maxPool2dGather: [0, 1],
  maxPool2dGrad: [0, 1],
};

/** Values on which some node decides, but for those that no rounding can have touched. */
function decisiveValues(graph: Graph): ReadonlySet<ValueId> {
  const exact = exactValues(graph);
  return new Set(
    graph.nodes.flatMap((_, index) => decisiveInputs(graph, index)).filter((value) => !exact.has(value)),
  );
}

/** Composites are looked into: a decision may stand anywhere in their decomposition. */
function decisiveInputs(graph: Graph, index: number): readonly ValueId[] {
  const { inputs, outputs } = nodeAt(graph, index);
  const own = section(graph, { nodes: [index], reads: outputs });
  const { nodes, inputs: fed } = decompose(own, () => true);
  const reached = new Set<ValueId>();
  for (const node of nodes.toReversed()) {
    if (node.outputs.some((value) => reached.has(value))) for (const value of node.inputs) reached.add(value);
    for (const place of DECISIVE[node.op] ?? []) reached.add(node.inputs[place] ?? -1);
  }
  const names = new Set(fed.flatMap(({ name, value }) => (reached.has(value) ? [name] : [])));
  return inputs.filter((value) => names.has(valueName(value)));
}

const COPIES: ReadonlySet<OpName> = new Set([
  'broadcast',
  'concat',
  'equal',
  'greater',
  'oneHot',
  'pad',
  'randomUniform',
  'reshape',
  'select',
  'slice',
  'stopGradient',
  'transpose',
]);

/** What is only copied, chosen or compared from inputs, state and constants. */
function exactValues(graph: Graph): ReadonlySet<ValueId> {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const exact = new Set(graph.values.flatMap((_, value) => (made.has(value) ? [] : [value])));
  const isExact = ({ op, inputs }: Node): boolean =>
    COPIES.has(op) && inputs.every((value) => exact.has(value));
  for (const node of graph.nodes) if (isExact(node)) for (const value of node.outputs) exact.add(value);
  return exact;
}
