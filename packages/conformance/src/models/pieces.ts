// Cuts a gradients graph into its layers, each with its own part of the forward and of the backward pass. What crosses a
// border, from layer to layer or from forward to backward, is fed: so a piece can be held to the reference's own values, and
// its backward part decides at every kink (a ReLU, a maximum) by what it is given, not by what it computed.
import type { Graph, Node, Value, ValueId } from '@isonet/core';
import { GraphBuilder, typeOf } from '@isonet/core';

export interface Piece {
  /** `nin1.c1`; `loss` is one, too. */
  readonly layer: string;
  /** Inputs and outputs that were none of the whole graph's are called `<node>:<op>`, after what computes them. */
  readonly graph: Graph;
}

/** The name that grad gives to the backward nodes of a layer ends so. */
const BACKWARD = '/grad';

/** In the order of the graph: a layer stands where its forward part does. */
export function piecesOf(graph: Graph): readonly Piece[] {
  const layers = new Set(graph.nodes.map(({ name }) => layerOf(name)));
  const borders = bordersOf(graph);
  return [...layers].flatMap((layer) => {
    const b = new GraphBuilder(`${graph.name}: ${layer}`);
    const place = placing(b, graph, borders);
    for (const part of [layer, layer + BACKWARD]) {
      emitPart(
        b,
        graph.nodes.filter((node) => node.name === part && !borders.fixed.has(node)),
        place,
        borders,
      );
    }
    const piece = b.build();
    return piece.outputs.length === 0 ? [] : [{ layer, graph: piece }];
  });
}

/** The whole graph, with everything that a piece is fed or gives as an output, by its name in the pieces. */
export function crossings(graph: Graph): Graph {
  const { names, crossing } = bordersOf(graph);
  const outputs = [...crossing].map((value) => ({ name: names.get(value) ?? '', value }));
  return { ...graph, outputs };
}

function layerOf(name: string): string {
  return name.endsWith(BACKWARD) ? name.slice(0, -BACKWARD.length) : name;
}

interface Borders {
  /** Nodes whose inputs are constants alone: every piece has its own copies of those that it needs. */
  readonly fixed: ReadonlySet<Node>;
  readonly producers: ReadonlyMap<ValueId, Node>;
  /** Of every value that crosses a border, the whole graph's own outputs included. */
  readonly crossing: ReadonlySet<ValueId>;
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
      if (from && !fixed.has(from) && from.name !== node.name) crossing.add(value);
    }
  }
  return { fixed, producers, crossing, names: namesOf(graph, producers) };
}

/** `nin1.c1:relu`, and the value's number where a name would be given twice. */
function namesOf(graph: Graph, producers: ReadonlyMap<ValueId, Node>): ReadonlyMap<ValueId, string> {
  const given = [...graph.inputs, ...graph.outputs].map(({ name, value }) => [value, name] as const);
  const names = new Map<ValueId, string>(given);
  const taken = new Set(names.values());
  for (const [value, { name, op }] of producers) {
    if (names.has(value)) continue;
    const plain = `${name}:${op}`;
    const unique = taken.has(plain) ? `${plain} ${value}` : plain;
    taken.add(unique);
    names.set(value, unique);
  }
  return names;
}

/** Where the values stand in a piece that are not computed there: its state, its constants, its feeds. */
function placing(b: GraphBuilder, graph: Graph, borders: Borders): (value: ValueId) => Value {
  const placed = new Map<ValueId, Value>();
  const make = (value: ValueId): Value => {
    const node = borders.producers.get(value);
    if (node && borders.fixed.has(node)) {
      const outputs = b.labelled(node.name, () => b.emit(node.op, node.inputs.map(place), node.attrs));
      node.outputs.forEach((output, i) => placed.set(output, present(outputs[i])));
      return present(placed.get(value));
    }
    const constant = graph.constants.find((entry) => entry.value === value);
    if (constant) return b.constant(constant.data);
    const state = graph.state.find((entry) => entry.value === value);
    const type = typeOf(graph, value);
    return state ? b.state(state.name, type) : b.input(borders.names.get(value) ?? '', type);
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
  { crossing, names }: Borders,
): void {
  const computed = new Map<ValueId, Value>();
  for (const node of nodes) {
    const inputs = node.inputs.map((value) => computed.get(value) ?? place(value));
    const outputs = b.labelled(node.name, () => b.emit(node.op, inputs, node.attrs));
    node.outputs.forEach((value, i) => computed.set(value, present(outputs[i])));
  }
  for (const [value, output] of computed) {
    if (crossing.has(value)) b.output(names.get(value) ?? '', output);
  }
}

function present(value: Value | undefined): Value {
  if (!value) throw new Error('a node has fewer outputs than its copy');
  return value;
}
