// The types of a graph's values, by their ids.
import { GraphError } from '../errors.ts';
import type { TensorType } from '../tensor.ts';
import type { Each } from '../tuple.ts';
import { each } from '../tuple.ts';
import type { Graph, ValueId } from './graph.ts';

/** The type of a value. @throws GraphError for an id that the graph does not have. */
export function typeOf(graph: Graph, value: ValueId): TensorType {
  const type = graph.values[value];
  if (!type)
    throw new GraphError(`graph "${graph.name}": no value %${value} (it has ${graph.values.length})`);
  return type;
}

/** The types of a list of values; of a tuple, as long a tuple. */
export function typesOf<T extends readonly ValueId[]>(graph: Graph, values: T): Each<T, TensorType> {
  return each(values, (value) => typeOf(graph, value));
}
