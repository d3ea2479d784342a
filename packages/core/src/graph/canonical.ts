// Canonical text for graphs and attributes: two graphs, or two sets of attributes, have the same text if and
// only if they are structurally equal. It omits names, sorts keys and keeps every number exact. Plan ids hash
// it, and common subexpression elimination compares it.
import type { Graph, Named, ValueId } from './graph.ts';

/** Returns JSON with sorted keys that preserves infinities, NaN and -0. Undefined properties are omitted. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number') return exactNumber(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Returns the number, or its text if JSON cannot represent it: infinities, NaN, -0. */
export function exactNumber(number: number): number | string {
  if (Object.is(number, -0)) return '-0';
  return Number.isFinite(number) ? number : String(number);
}

/**
 * Returns the structure of a graph without the names of the graph, its layers, inputs and outputs, followed
 * by the bytes of its constants.
 */
export function structureOf(graph: Graph): readonly (string | Uint8Array)[] {
  const ids = (list: readonly { readonly value: ValueId }[]): readonly ValueId[] =>
    list.map(({ value }) => value);
  const places = new Map(graph.state.map(({ name }, place) => [name, place]));
  const text = canonicalText([
    graph.values,
    ids(graph.inputs),
    ids(graph.state),
    ids(graph.constants),
    graph.nodes.map(({ op, inputs, outputs, attrs }) => [op, inputs, outputs, attrs]),
    ids(graph.outputs),
    graph.updates.map(({ name, value }: Named) => [places.get(name), value]),
  ]);
  const bytes = graph.constants.map(
    ({ data: { data } }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return [text, ...bytes];
}
