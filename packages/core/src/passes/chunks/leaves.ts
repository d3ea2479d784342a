// Leaves: state and constants, which each part of a chunked graph declares separately if it needs them.
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, ValueId } from '../../graph/graph.ts';
import { typeOf } from '../../graph/typeOf.ts';
import type { Value } from '../../graph/value.ts';

/** Declares a state or a constant in a builder; returns undefined for any other value. */
export function copyLeaf(b: GraphBuilder, graph: Graph, value: ValueId): Value | undefined {
  const state = graph.state.find((entry) => entry.value === value);
  if (state) return b.state(state.name, typeOf(graph, value));
  const constant = graph.constants.find((entry) => entry.value === value);
  return constant && b.constant(constant.data);
}
