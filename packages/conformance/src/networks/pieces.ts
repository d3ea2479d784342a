// Cuts a gradients graph into its layers, each with its own part of the forward and of the backward pass. What crosses a
// border, from layer to layer or from forward to backward, is fed: so a piece can be held to the reference's own values, and
// its backward part decides at every kink (a ReLU, a maximum) by what it is given, not by what it computed.
import type { Graph, Named, Node, Origin, Value, ValueId } from '@isonet/core';
import { defined, GraphBuilder, originText, typeOf } from '@isonet/core';

export interface Piece {
  /** `nin1.c1`; `loss` is one, too. */
  readonly layer: string;
  /** Inputs and outputs that the whole graph does not name are called `<origin>:<op>`, after what computes them. */
  readonly graph: Graph;
}

/** In the order of the graph: a layer stands where its forward part does. */
export function piecesOf(graph: Graph): readonly Piece[] {
  const layers = new Set(graph.nodes.map(({ origin }) => origin.layer));
  const borders = bordersOf(graph);
  return [...layers].flatMap((layer) => {
    const b = new GraphBuilder(`${graph.name}: ${layer}`);
    const place = placing(b, graph, borders);
    for (const phase of ['forward', 'backward'] as const) {
      const own = graph.nodes.filter(
        (node) => isFrom(node.origin, { layer, phase }) && !borders.fixed.has(node),
      );
      emitPart(b, own, place, borders);
    }
    const piece = b.build();
    return piece.outputs.length === 0 ? [] : [{ layer, graph: piece }];
  });
}

/** The whole graph, with everything that a piece is fed or gives as an output, by its name in the pieces. */
export function crossings(graph: Graph): Graph {
  return { ...graph, outputs: bordersOf(graph).crossing };
}

function isFrom(origin: Origin, { layer, phase }: Origin): boolean {
  return origin.layer === layer && origin.phase === phase;
}

interface Borders {
  /** Nodes whose inputs are constants alone: every piece has its own copies of those that it needs. */
  readonly fixed: ReadonlySet<Node>;
  readonly producers: ReadonlyMap<ValueId, Node>;
  /** Every value that crosses a border, the whole graph's own outputs included. */
  readonly crossing: readonly Named[];
  /** Of the whole graph's inputs, its outputs, and all that a node computes. */
  readonly names: ReadonlyMap<ValueId, string>;
}

function bordersOf(graph: Graph): Borders {
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
  );
  const known = new Set(graph.constants.map(({ value }) => value));
  const fixed = new Set<Node>();
  for (const node of graph.nodes) {
    if (node.inputs.length === 0 || !node.inputs.every((value) => known.has(value))) continue;
    fixed.add(node);
    for (const value of node.outputs) known.add(value);
  }
  const crossing = new Set(graph.outputs.map(({ value }) => value));
  for (const node of graph.nodes) {
    for (const value of node.inputs) {
      const from = producers.get(value);
      if (from && !fixed.has(from) && !isFrom(from.origin, node.origin)) crossing.add(value);
    }
  }
  const names = namesOf(graph, producers);
  const named = [...crossing].map((value) => ({ name: nameOf(names, value), value }));
  return { fixed, producers, crossing: named, names };
}

/** `nin1.c1:relu`, and the value's number where a name would be given twice. */
function namesOf(graph: Graph, producers: ReadonlyMap<ValueId, Node>): ReadonlyMap<ValueId, string> {
  const given = [...graph.inputs, ...graph.outputs].map(({ name, value }) => [value, name] as const);
  const names = new Map<ValueId, string>(given);
  const taken = new Set(names.values());
  for (const [value, { op, origin }] of producers) {
    if (names.has(value)) continue;
    const plain = `${originText(origin)}:${op}`;
    const unique = taken.has(plain) ? `${plain} ${value}` : plain;
    taken.add(unique);
    names.set(value, unique);
  }
  return names;
}

function nameOf(names: Borders['names'], value: ValueId): string {
  return defined(names.get(value), `the name of %${value}`);
}

/** Where the values stand in a piece that are not computed there: its state, its constants, its feeds. */
function placing(b: GraphBuilder, graph: Graph, borders: Borders): (value: ValueId) => Value {
  const placed = new Map<ValueId, Value>();
  const make = (value: ValueId): Value => {
    const node = borders.producers.get(value);
    if (node && borders.fixed.has(node)) {
      for (const [output, copy] of emitted(b, node, place)) placed.set(output, copy);
      return defined(placed.get(value), `%${value}`);
    }
    const constant = graph.constants.find((entry) => entry.value === value);
    if (constant) return b.constant(constant.data);
    const state = graph.state.find((entry) => entry.value === value);
    const type = typeOf(graph, value);
    return state ? b.state(state.name, type) : b.input(nameOf(borders.names, value), type);
  };
  const place = (value: ValueId): Value => {
    const found = placed.get(value) ?? make(value);
    placed.set(value, found);
    return found;
  };
  return place;
}

/** One direction of a layer: its nodes, and as outputs those of its values that are wanted elsewhere. */
function emitPart(
  b: GraphBuilder,
  nodes: readonly Node[],
  place: (value: ValueId) => Value,
  { crossing }: Borders,
): void {
  const computed = new Map<ValueId, Value>();
  for (const node of nodes) {
    const copies = emitted(b, node, (value) => computed.get(value) ?? place(value));
    for (const [value, copy] of copies) computed.set(value, copy);
  }
  for (const { name, value } of crossing) {
    const output = computed.get(value);
    if (output) b.output(name, output);
  }
}

/** Copies a node. @returns what became of each of its outputs */
function emitted(
  b: GraphBuilder,
  { op, origin, inputs, outputs, attrs }: Node,
  place: (value: ValueId) => Value,
): readonly (readonly [ValueId, Value])[] {
  const copies = b.within(origin, () => b.emit(op, inputs.map(place), attrs));
  return outputs.map((value, i) => [value, defined(copies[i], `output ${i} of ${op}`)]);
}
