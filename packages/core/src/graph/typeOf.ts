// Looks up the types of a graph's values by id.
import { GraphError } from '../errors.ts';
import type { TensorType } from '../tensor.ts';
import type { Each } from '../tuple.ts';
import { each } from '../tuple.ts';
import type { Graph, ValueId } from './graph.ts';

/** Returns the type of a value. @throws GraphError for an unknown id */
export function typeOf(graph: Graph, value: ValueId): TensorType {
  const type = graph.values[value];
  if (!type)
    throw new GraphError(`graph "${graph.name}": no value %${value} (it has ${graph.values.length})`);
  return type;
}

/** Returns the types of several values, as a tuple of the same length. */
export function typesOf<T extends readonly ValueId[]>(graph: Graph, values: T): Each<T, TensorType> {
  return each(values, (value) => typeOf(graph, value));
}
