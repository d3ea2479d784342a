// Turns a graph into one that says which of its values are finite: how the step that ruined a training is taken apart.
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import { copyInto } from '../../passes/copy.ts';
import { typeOf } from '../../graph/typeOf.ts';

/** The graph with the output `<i>: bool []` for each node i that gives floats: whether all of them are finite. No updates. */
export function finiteness(graph: Graph): Graph {
  const b = new GraphBuilder(`${graph.name}.finiteness`);
  const at = copyInto(b, graph);
  graph.nodes.forEach((node, i) => {
    const floats = floatsOf(graph, node).map(at);
    if (floats.length > 0) b.output(String(i), b.op.allFinite(...floats));
  });
  return b.build();
}

function floatsOf(graph: Graph, node: Node): readonly number[] {
  return node.outputs.filter((value) => typeOf(graph, value).dtype === 'float32');
}
