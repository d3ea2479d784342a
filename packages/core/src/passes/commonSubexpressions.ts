import { GraphBuilder } from '../graph/builder.ts';
import { canonicalText } from '../graph/canonical.ts';
import type { Value } from '../graph/value.ts';
import type { Graph } from '../graph/graph.ts';
import { copyInto, copyResults } from './copy.ts';

/** Merges nodes that compute the same value, so that gradient rules may repeat expressions of the forward pass. */
export function commonSubexpressions(graph: Graph): Graph {
  const b = new GraphBuilder(graph.name);
  const known = new Map<string, readonly Value[]>();
  const at = copyInto(b, graph, {
    emit: (node, inputs) => {
      // Every op is a pure function of its inputs and attributes, random numbers included.
      const key = canonicalText([node.op, inputs.map((value) => value.id), node.attrs]);
      const outputs = known.get(key) ?? b.emit(node.op, inputs, node.attrs);
      known.set(key, outputs);
      return outputs;
    },
  });
  copyResults(b, graph, at);
  return b.build();
}
