// The names of values that cross between the parts of a chunked graph. A name identifies one tensor.
import type { Graph, ValueId } from '../../graph/graph.ts';
import type { Batched } from './batch.ts';

export interface Names {
  /**
   * Returns the name of a graph input if each trip reads it in blocks along this axis, or reads all of it if
   * the axis is undefined. Returns undefined for any other value or axis.
   */
  readonly inputOf: (value: ValueId, axis?: number) => string | undefined;
  /**
   * Returns the name of any other value. A value that is used both in full and in blocks has a separate name
   * for each use.
   */
  readonly valueName: (value: ValueId, axis?: number) => string;
}

export function namesOf({ graph, axes }: Batched): Names {
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  const prefix = freePrefix(graph);
  return {
    inputOf: (value, axis) => {
      const name = inputs.get(value);
      return name === undefined || axes[name] !== axis ? undefined : name;
    },
    valueName: (value, axis) => (axis === undefined ? `${prefix}${value}` : `${prefix}${value}/${axis}`),
  };
}

/** Returns a prefix that no name of the graph starts with. */
function freePrefix({ inputs, state, outputs }: Graph): string {
  const taken = [...inputs, ...state, ...outputs].map(({ name }) => name);
  let prefix = 'chunk/';
  while (taken.some((name) => name.startsWith(prefix))) prefix = `${prefix}chunk/`;
  return prefix;
}
