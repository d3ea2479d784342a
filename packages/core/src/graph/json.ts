// Graphs as JSON, with their constants beside it as tensors.
import { GraphError } from '../errors.ts';
import type { Tensors } from '../tensor.ts';
import type { Graph, ValueId } from './graph.ts';
import { validate } from './validate.ts';

/** A graph with its constants taken out: what `JSON.stringify` can hold. */
export type GraphJson = Omit<Graph, 'constants'> & { readonly constants: readonly ValueId[] };

/** The graph as JSON, and its constants beside it as `constant/<value>`. */
export function toJson(graph: Graph): { readonly json: GraphJson; readonly constants: Tensors } {
  const constants = Object.fromEntries(graph.constants.map(({ value, data }) => [`constant/${value}`, data]));
  return { json: { ...graph, constants: graph.constants.map(({ value }) => value) }, constants };
}

/** The inverse of {@link toJson}. @throws GraphError when a constant is missing or the graph is not valid. */
export function fromJson(json: GraphJson, constants: Tensors): Graph {
  return validate({
    ...json,
    constants: json.constants.map((value) => {
      const data = constants[`constant/${value}`];
      if (!data) throw new GraphError(`graph "${json.name}": constant/${value} is missing`);
      return { value, data };
    }),
  });
}
