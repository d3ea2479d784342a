// The graphs before and after the body of a chunked graph: unchanged nodes of the whole graph, connected by named values.
import { defined } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Node, ValueId } from '../../graph/graph.ts';
import { nodeText } from '../../graph/print.ts';
import { typeOf } from '../../graph/typeOf.ts';
import type { Value } from '../../graph/value.ts';
import { copyLeaf } from './leaves.ts';
import type { Names } from './names.ts';

/** Returns, in order, the nodes that these values need and that satisfy `belongs`. */
export function neededNodes(
  graph: Graph,
  values: Iterable<ValueId>,
  belongs: (node: Node) => boolean,
): ReadonlySet<Node> {
  const live = new Set(values);
  const needed = graph.nodes.toReversed().filter((node) => {
    const wanted = belongs(node) && node.outputs.some((value) => live.has(value));
    if (wanted) for (const value of node.inputs) live.add(value);
    return wanted;
  });
  return new Set(needed.toReversed());
}

/**
 * Copies nodes into a builder. A value that none of them computes is declared as a state or constant, as an input of the
 * graph, or as a named input.
 */
export function copyNodes(
  b: GraphBuilder,
  graph: Graph,
  nodes: ReadonlySet<Node>,
  names: Names,
): (value: ValueId) => Value {
  const placed = new Map<ValueId, Value>();
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  const at = (value: ValueId): Value => {
    const known = placed.get(value);
    if (known) return known;
    const leaf =
      copyLeaf(b, graph, value) ?? b.input(inputs.get(value) ?? names.valueName(value), typeOf(graph, value));
    placed.set(value, leaf);
    return leaf;
  };
  for (const node of nodes) {
    const outputs = b.within(node.origin, () => b.emit(node.op, node.inputs.map(at), node.attrs));
    node.outputs.forEach((value, i) =>
      placed.set(value, defined(outputs[i], `output ${i} of ${nodeText(node)}`)),
    );
  }
  return at;
}
