// Writes a chunked graph as ONNX: the nodes before the loop, one Loop over the chunks, and the nodes after it. Sums
// start at 0 and are carried from trip to trip. The Loop stacks the rows of all trips, which are joined after the loop.
import type { Along, Chunked, Graph, Shape, Value, ValueId } from '@isonet/core';
import { copyInto, copyResults, defined, GraphBuilder, typeOf } from '@isonet/core';
import type { OnnxGraph, OnnxValue } from './writer/encode.ts';
import type { Names } from './writer/names.ts';
import { ScopedWriter } from './writer/scoped.ts';
import type { Writer } from './writer/writer.ts';

/** The graph around a loop, and the mapping from values in the loop body and in the graph after it to values of this graph. */
export interface Surroundings {
  /** The computation before the loop, with all inputs, state and constants of the whole graph. */
  readonly graph: Graph;
  readonly inBody: ReadonlyMap<ValueId, ValueId>;
  readonly inAfter: ReadonlyMap<ValueId, ValueId>;
  /** For each input of the body that receives a chunk of rows: the value that the rows come from. */
  readonly rows: ReadonlyMap<string, ValueId>;
}

/** Builds the graph around a loop. @param whole the graph that was split */
export function surroundings(whole: Graph, { before, body, after, rows }: Chunked): Surroundings {
  const b = new GraphBuilder(whole.name);
  const at = copyInto(b, before);
  copyResults(b, before, at);
  const known = new Map<string, Value>(
    [...before.inputs, ...before.state, ...before.outputs].map(({ name, value }) => [name, at(value)]),
  );
  for (const kind of ['input', 'state'] as const) {
    for (const { name, value } of kind === 'input' ? whole.inputs : whole.state) {
      if (!known.has(name)) known.set(name, b[kind](name, typeOf(whole, value)));
    }
  }
  const ofRows = new Set(rows.map(({ name }) => name));
  const seenBy = (part: Graph, own: ReadonlySet<string>): ReadonlyMap<ValueId, ValueId> =>
    new Map([
      ...[...part.inputs, ...part.state].flatMap(({ name, value }) => {
        const outside = own.has(name) ? undefined : known.get(name);
        return outside ? [[value, outside.id] as const] : [];
      }),
      ...part.constants.map(({ value, data }) => [value, b.constant(data).id] as const),
    ]);
  const [inBody, inAfter] = [seenBy(body, ofRows), seenBy(after, new Set())];
  const sources = rows.map(({ name }) => [name, defined(known.get(name), `the rows "${name}"`).id] as const);
  return { graph: b.build(), inBody, inAfter, rows: new Map(sources) };
}

/** A function that writes the nodes of a graph. */
export type WriteNodes = (graph: Graph, writer: Writer) => void;

/**
 * Writes the loop and the nodes after it.
 * @param outer the writer of the nodes before the loop
 * @returns the writer of the nodes after the loop
 */
export function writeLoop(
  chunks: Chunked,
  { inBody, inAfter, rows }: Surroundings,
  outer: Writer,
  names: { readonly values: Names; readonly nodes: Names },
  writeNodes: WriteNodes,
): Writer {
  const { trips, body, after, joined, sums } = chunks;
  const inner = new ScopedWriter(body, names.values, names.nodes, outer, inBody);
  const counter: OnnxValue = { name: names.values.unique('trip'), dtype: 'int64', dims: [] };
  const go: OnnxValue = { name: names.values.unique('go'), dtype: 'bool', dims: [] };
  inner.begin(undefined);
  for (const { name, axis } of chunks.rows) {
    const source = defined(rows.get(name), `the rows "${name}"`);
    const blocks = outer.int64(splitAxis(outer.shape(source), axis, trips));
    const stacked = outer.emit('Reshape', [outer.full(source), blocks]);
    inner.set(valueOf(body.inputs, name), inner.emit('Gather', [stacked, counter.name], { axis }));
  }
  writeNodes(body, inner);

  inner.begin(undefined);
  const carried = sums.map((name): Carried => {
    const value = valueOf(body.outputs, name);
    const type = { dtype: typeOf(body, value).dtype, dims: inner.dims(value) };
    const sum = names.values.unique('sum');
    const next = inner.emit('Add', [sum, inner.full(value)]);
    const zero = outer.emit('ConstantOfShape', [outer.int64(inner.shape(value))]);
    return { zero, sum: { ...type, name: sum }, next: { ...type, name: next } };
  });
  const parts = joined.map(({ name }): OnnxValue => {
    const value = valueOf(body.outputs, name);
    // An Identity gives each result of the body a unique name, even if a kernel passed a value straight through.
    const part = inner.emit('Identity', [inner.full(value)]);
    return { name: part, dtype: typeOf(body, value).dtype, dims: inner.dims(value) };
  });
  const goOn = { ...go, name: inner.emit('Identity', [go.name]) };
  const graph: OnnxGraph = {
    name: body.name,
    nodes: inner.nodes,
    initializers: [],
    inputs: [counter, go, ...carried.map(({ sum }) => sum)],
    outputs: [goOn, ...carried.map(({ next }) => next), ...parts],
  };

  const last = new ScopedWriter(after, names.values, names.nodes, outer, inAfter);
  last.begin(undefined);
  const results = last.emitMany(
    'Loop',
    [outer.int64([trips]), '', ...carried.map(({ zero }) => zero)],
    carried.length + parts.length,
    { body: { graph } },
  );
  const result = (i: number): string => defined(results[i], `result ${i} of the loop`);
  sums.forEach((name, i) => setInput(last, after, name, result(i)));
  joined.forEach((each, i) => {
    setInput(last, after, each.name, joinedName(last, body, each, trips, result(sums.length + i)));
  });
  writeNodes(after, last);
  return last;
}

/** A sum carried from trip to trip. */
interface Carried {
  readonly zero: string;
  readonly sum: OnnxValue;
  readonly next: OnnxValue;
}

/** Joins parts that are stacked along a new first axis. `[trips, ..., d, ...] -> [..., trips * d, ...]` */
function joinedName(
  writer: Writer,
  body: Graph,
  { name, axis }: Along,
  trips: number,
  stack: string,
): string {
  const { shape } = typeOf(body, valueOf(body.outputs, name));
  const axes = shape.map((_, i) => i + 1);
  const turned =
    axis === 0
      ? stack
      : writer.emit('Transpose', [stack], { perm: [...axes.slice(0, axis), 0, ...axes.slice(axis)] });
  const whole = shape.map((dim, i) => (i === axis ? dim * trips : dim));
  return writer.emit('Reshape', [turned, writer.int64(whole)]);
}

/** Splits an axis into `trips` blocks. `[8, 3], axis 0, 4 trips -> [4, 2, 3]` */
function splitAxis(shape: Shape, axis: number, trips: number): Shape {
  return shape.flatMap((dim, i) => (i === axis ? [trips, dim / trips] : [dim]));
}

function valueOf(list: readonly { readonly name: string; readonly value: ValueId }[], name: string): ValueId {
  return defined(
    list.find((entry) => entry.name === name),
    `"${name}"`,
  ).value;
}

function setInput(writer: Writer, graph: Graph, name: string, onnxName: string): void {
  writer.set(valueOf(graph.inputs, name), onnxName);
}
