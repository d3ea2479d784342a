// Names: what the values that cross from one part of a chunked graph to another are called. A name stands for one tensor.
import type { Graph, ValueId } from '../../graph/graph.ts';
import type { Batched } from './batch.ts';

export interface Names {
  /** The graph's input that a value is, where trips take it along this axis (undefined: whole) by the input's own name. */
  readonly inputOf: (value: ValueId, axis?: number) => string | undefined;
  /** The name of any other value. One that is taken whole and along an axis has a name for each. */
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

/** A prefix that no name of the graph begins with. */
function freePrefix({ inputs, state, outputs }: Graph): string {
  const taken = [...inputs, ...state, ...outputs].map(({ name }) => name);
  let prefix = 'chunk/';
  while (taken.some((name) => name.startsWith(prefix))) prefix = `${prefix}chunk/`;
  return prefix;
}
