// Drops nodes and constants that no output and no update needs. Inputs and state stay: they are the graph's face.
import type { Graph, ValueId } from '../graph.ts';
import { validate } from '../graph.ts';

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

/** The same graph with its values numbered without gaps, in the order of their definition. */
function renumbered(graph: Graph): Graph {
  const defined: ValueId[] = [
    ...[...graph.inputs, ...graph.state, ...graph.constants].map(({ value }) => value),
    ...graph.nodes.flatMap((node) => node.outputs),
  ];
  const places = new Map(defined.map((value, index) => [value, index]));
  const move = (value: ValueId): ValueId => places.get(value) ?? value;
  const moved = <T extends { readonly value: ValueId }>(list: readonly T[]): T[] =>
    list.map((entry) => ({ ...entry, value: move(entry.value) }));
  return validate({
    name: graph.name,
    values: defined.flatMap((value) => graph.values[value] ?? []),
    inputs: moved(graph.inputs),
    state: moved(graph.state),
    constants: moved(graph.constants),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(move),
      outputs: node.outputs.map(move),
    })),
    outputs: moved(graph.outputs),
    updates: moved(graph.updates),
  });
}
