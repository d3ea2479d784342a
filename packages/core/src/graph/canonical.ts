// Graphs and attributes as text that tells apart what computes differently, and nothing else: no names, no order of keys, every
// number exact. Plan ids and common subexpressions compare by it.
import type { Graph, Named, ValueId } from './graph.ts';

/** JSON with sorted keys, and with the numbers that JSON loses: infinities, NaN, -0. Absent and undefined are one. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number') return exactNumber(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The number itself, or its text where JSON has none: infinities, NaN, -0. */
export function exactNumber(number: number): number | string {
  if (Object.is(number, -0)) return '-0';
  return Number.isFinite(number) ? number : String(number);
}

/** What a graph computes, without the names of graph, layers, inputs and outputs; then the bytes of its constants. */
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
