// Dimensions of values as they are written: numbers, or names of what is known only when the model runs (the batch).
// Core's graphs have numbers alone. A named dimension is found by building a network twice, for two batch sizes: what
// differs follows the batch. That asks nothing of layers or ops, and what does not follow it in a plain way is refused.
import type { Graph, Node, Shape, ValueId } from '@isonet/core';
import { defined, nodeText, sameType, shapeText, typeOf, UnsupportedOpError } from '@isonet/core';

/** `28`, or a name: `N`, and `N*6` for a dimension that is six times as large. */
export type Dim = number | string;
export type Dims = readonly Dim[];

export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** @throws GraphError when there is no such axis */
export function dimAt(dims: Dims, axis: number): Dim {
  return defined(dims[axis], `axis ${axis} of [${dims.join(', ')}]`);
}

/**
 * What operands of these dims give where an operator broadcasts. Each has all axes or none.
 * `[4, 1], [1, 3], [] -> [4, 3]`
 */
export function broadcastDims(operands: readonly Dims[]): Dims {
  const [first = [], ...others] = operands.filter(({ length }) => length > 0);
  return others.reduce((a, b) => a.map((dim, axis) => (dim === 1 ? dimAt(b, axis) : dim)), first);
}

/** The dims of every value of a graph, as its types say. */
export function staticDims(graph: Graph): (value: ValueId) => Dims {
  return (value) => typeOf(graph, value).shape;
}

/** A network built for one batch size. */
export interface Built {
  readonly graph: Graph;
  readonly batch: number;
}

/**
 * The dims of every value of the first graph, those that follow the batch under the name `N`.
 * @param a, b one network, built for two batch sizes
 * @throws UnsupportedOpError when the two differ in anything else
 */
export function batchDims(a: Built, b: Built): (value: ValueId) => Dims {
  sameStructure(a, b);
  const dims = a.graph.values.map((type, value) =>
    type.shape.map((dim, axis) => dimOf(a, b, value, dim, axis)),
  );
  return (value) => dims[value] ?? [];
}

function dimOf(a: Built, b: Built, value: ValueId, dim: number, axis: number): Dim {
  const other = typeOf(b.graph, value).shape[axis];
  if (dim === other) return dim;
  const times = dim / a.batch;
  if (!Number.isInteger(times) || other !== times * b.batch) {
    const { shape } = typeOf(a.graph, value);
    throw refusal(
      a,
      makerOf(a.graph, value),
      `axis ${axis} of its result ${shapeText(shape)} is no multiple of the batch`,
    );
  }
  return times === 1 ? 'N' : `N*${times}`;
}

function sameStructure(a: Built, b: Built): void {
  if (a.graph.nodes.length !== b.graph.nodes.length)
    throw refusal(a, undefined, 'the network has other layers');
  a.graph.nodes.forEach((node, i) => {
    const other = b.graph.nodes[i];
    const wiring = (n: Node | undefined): string => JSON.stringify([n?.op, n?.inputs, n?.outputs]);
    if (!other || wiring(node) !== wiring(other)) throw refusal(a, node, 'the network has other layers');
    if (plainAttrs(node) !== plainAttrs(other)) throw refusal(a, node, 'it has other attributes');
  });
  a.graph.constants.forEach(({ value, data }, i) => {
    const other = b.graph.constants[i]?.data;
    const same =
      other && sameType(data, other) && data.data.every((number, at) => Object.is(number, other.data[at]));
    if (!same)
      throw refusal(
        a,
        a.graph.nodes.find(({ inputs }) => inputs.includes(value)),
        'a constant that it uses changes',
      );
  });
}

// Attributes that are shapes: they say what the types of the values say already.
const shapes = ['shape', 'sizes', 'inputShape', 'filterShape'];

function plainAttrs(node: Node): string {
  return JSON.stringify(Object.entries(node.attrs).filter(([key]) => !shapes.includes(key)));
}

function makerOf(graph: Graph, value: ValueId): Node | undefined {
  return graph.nodes.find(({ outputs }) => outputs.includes(value));
}

function refusal({ graph }: Built, node: Node | undefined, why: string): UnsupportedOpError {
  const where = node ? nodeText(node) : graph.name;
  return new UnsupportedOpError(
    `${where}: cannot be exported for every batch size: with another batch ${why}`,
  );
}

/** All dims as numbers. @returns undefined when one is a name */
export function numbersOf(dims: Dims): Shape | undefined {
  const numbers = dims.filter((dim) => typeof dim === 'number');
  return numbers.length === dims.length ? numbers : undefined;
}
