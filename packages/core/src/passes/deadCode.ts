import { defined } from '../errors.ts';
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { typesOf } from '../graph/typeOf.ts';
import { validate } from '../graph/validate.ts';
import { each } from '../tuple.ts';

/** Removes nodes and constants that no output or update needs. Inputs and state stay: they are the graph's interface. */
export function deadCode(graph: Graph): Graph {
  const live = new Set<ValueId>([...graph.outputs, ...graph.updates].map(({ value }) => value));
  const nodes = graph.nodes.toReversed().filter((node) => {
    const needed = node.outputs.some((value) => live.has(value));
    if (needed) for (const value of node.inputs) live.add(value);
    return needed;
  });
  return renumbered({
    ...graph,
    nodes: nodes.toReversed(),
    constants: graph.constants.filter(({ value }) => live.has(value)),
  });
}

/** Returns the graph with its values renumbered without gaps, in definition order. */
function renumbered(graph: Graph): Graph {
  const kept: ValueId[] = [
    ...[...graph.inputs, ...graph.state, ...graph.constants].map(({ value }) => value),
    ...graph.nodes.flatMap((node) => node.outputs),
  ];
  const places = new Map(kept.map((value, index) => [value, index]));
  const move = (value: ValueId): ValueId => defined(places.get(value), `graph "${graph.name}": %${value}`);
  const moved = <T extends { readonly value: ValueId }>(list: readonly T[]): T[] =>
    list.map((entry) => ({ ...entry, value: move(entry.value) }));
  return validate({
    name: graph.name,
    values: typesOf(graph, kept),
    inputs: moved(graph.inputs),
    state: moved(graph.state),
    constants: moved(graph.constants),
    nodes: graph.nodes.map((node) => renamedNode(node, move)),
    outputs: moved(graph.outputs),
    updates: moved(graph.updates),
  });
}

function renamedNode(node: Node, move: (value: ValueId) => ValueId): Node {
  // Both lists keep their length, which the union of all nodes cannot express.
  return { ...node, inputs: each(node.inputs, move), outputs: each(node.outputs, move) } as Node;
}
