// Replaces composites by their decompositions, recursively.
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { definitionOf } from '../ops/table.ts';
import { copyInto, copyResults } from './copy.ts';

/** Decomposes every composite that `which` selects, including those in the resulting decompositions. */
export function decompose(graph: Graph, which: (node: Node, graph: Graph) => boolean): Graph {
  let current = graph;
  while (true) {
    const from = current;
    const picked = new Set(
      from.nodes.filter((n) => definitionOf(n.op).kind === 'composite' && which(n, from)),
    );
    if (picked.size === 0) return from;
    const b = new GraphBuilder(from.name);
    const emit = (node: Node, inputs: readonly Value[]): readonly Value[] => {
      const definition = definitionOf(node.op);
      const replace = definition.kind === 'composite' && picked.has(node);
      return replace ? definition.decompose(b, inputs, node.attrs) : b.emit(node.op, inputs, node.attrs);
    };
    copyResults(b, from, copyInto(b, from, { emit }));
    current = b.build();
  }
}
