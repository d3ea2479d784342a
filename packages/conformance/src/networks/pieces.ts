// Cuts a gradients graph into its layers, each with its part of the forward and of the backward pass. Every value
// that crosses a border, from layer to layer or from forward to backward, is fed instead of computed. A piece can
// thus be compared on the reference's own values, and its backward part decides at every kink (a ReLU, a maximum)
// from its feeds, not from its own forward results.
import type { Graph, Named, Node, ValueId } from '@isonet/core';
import { defined, originText } from '@isonet/core';
import { section } from '../section.ts';

export interface Piece {
  /** `nin1.c1`; the loss is a piece as well. */
  readonly layer: string;
  /** Inputs and outputs that the whole graph does not name are called `<origin>:<op>`, after the node that computes them. */
  readonly graph: Graph;
}

/** Returns the pieces in the order of the forward pass. */
export function piecesOf(graph: Graph): readonly Piece[] {
  const layers = new Set(graph.nodes.map(({ origin }) => origin.layer));
  const { fixed, crossing, nameOf } = bordersOf(graph);
  return [...layers].flatMap((layer) => {
    const own = graph.nodes.filter((node) => node.origin.layer === layer && !fixed.has(node));
    const made = new Set(own.flatMap(({ outputs }) => outputs));
    const reads = [...crossing].filter((value) => made.has(value));
    if (reads.length === 0) return [];
    // Every piece has its own copies of the fixed nodes that it needs.
    const nodes = [...graph.nodes.keys()].filter((index) => {
      const node = defined(graph.nodes[index], `node ${index}`);
      return fixed.has(node) || node.origin.layer === layer;
    });
    const piece = section(graph, { nodes, reads }, { fed: crossing, nameOf }).graph;
    return [{ layer, graph: { ...piece, name: `${graph.name}: ${layer}` } }];
  });
}

/**
 * Returns the whole graph with new outputs: every value that a piece is fed or returns, under its name in the pieces.
 */
export function crossings(graph: Graph): Graph {
  const { crossing, nameOf } = bordersOf(graph);
  return { ...graph, outputs: [...crossing].map((value): Named => ({ name: nameOf(value), value })) };
}

interface Borders {
  /** Nodes whose inputs are all constant. */
  readonly fixed: ReadonlySet<Node>;
  /** Every value that crosses a border, including the outputs of the whole graph. */
  readonly crossing: ReadonlySet<ValueId>;
  readonly nameOf: (value: ValueId) => string;
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
  for (const { inputs, origin } of graph.nodes) {
    for (const value of inputs) {
      const from = producers.get(value);
      if (from && !fixed.has(from) && originText(from.origin) !== originText(origin)) crossing.add(value);
    }
  }
  const names = namesOf(graph, producers);
  return { fixed, crossing, nameOf: (value) => defined(names.get(value), `the name of %${value}`) };
}

/** `nin1.c1:relu`, with the value's id appended if that name is taken. */
function namesOf(graph: Graph, producers: ReadonlyMap<ValueId, Node>): ReadonlyMap<ValueId, string> {
  const named = [...graph.inputs, ...graph.outputs].map(({ name, value }) => [value, name] as const);
  const names = new Map<ValueId, string>(named);
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
