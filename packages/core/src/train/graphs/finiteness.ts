// Builds a graph that reports which values of another graph are finite, to diagnose a non-finite training step.
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import { copyInto } from '../../passes/copy.ts';
import { typeOf } from '../../graph/typeOf.ts';

/**
 * Replaces a graph's outputs and updates with `<i>: bool []` for each node i with float results: true if all of them are
 * finite.
 */
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
