// Copies a graph into a builder, node by node: the basis of every pass.
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { defined, GraphError } from '../errors.ts';
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { nodeText } from '../graph/print.ts';

/** The options of {@link copyInto}. */
export interface CopyOptions {
  /** Values that replace the graph's inputs and state of the same name; all others are declared in the builder. */
  readonly bind?: ReadonlyMap<string, Value>;
  /** Emits a replacement for each node. Default: copies the node. */
  readonly emit?: (node: Node, inputs: readonly Value[]) => readonly Value[];
}

/** Copies the nodes of a graph into a builder, without outputs and updates. @returns a function from old to new values */
export function copyInto(
  b: GraphBuilder,
  graph: Graph,
  options: CopyOptions = {},
): (value: ValueId) => Value {
  const placed = new Map<ValueId, Value>();
  const at = (value: ValueId): Value => {
    const found = placed.get(value);
    if (!found) throw new GraphError(`graph "${graph.name}": %${value} was not copied`);
    return found;
  };
  for (const { name, value } of graph.inputs) {
    placed.set(value, options.bind?.get(name) ?? b.input(name, typeOf(graph, value)));
  }
  for (const { name, value } of graph.state) {
    placed.set(value, options.bind?.get(name) ?? b.state(name, typeOf(graph, value)));
  }
  for (const { value, data } of graph.constants) {
    const single = data.dtype === 'float32' && data.shape.length === 0 ? data.data[0] : undefined;
    placed.set(value, single === undefined ? b.constant(data) : b.scalar(single));
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(at);
    const outputs = b.within(
      node.origin,
      () => options.emit?.(node, inputs) ?? b.emit(node.op, inputs, node.attrs),
    );
    node.outputs.forEach((value, i) => {
      placed.set(value, defined(outputs[i], `graph "${graph.name}": output ${i} of ${nodeText(node)}`));
    });
  }
  return at;
}

/** Declares a graph's outputs and updates in the builder of its copy. */
export function copyResults(b: GraphBuilder, graph: Graph, at: (value: ValueId) => Value): void {
  for (const { name, value } of graph.outputs) b.output(name, at(value));
  for (const { name, value } of graph.updates) b.update(name, at(value));
}
