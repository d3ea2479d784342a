// Dimensions of values in the file: numbers, or names for sizes known only at run time (the batch). In core's graphs,
// all dimensions are numbers. Core's batch analysis determines the batch axis of each value. Building the network for
// two batch sizes shows which sizes follow the batch, and verifies that nothing else does.
import type { Constant, Coupling, Graph, Node, Shape, ValueId } from '@isonet/core';
import {
  batchOf,
  defined,
  definitionOf,
  dimOf,
  nodeText,
  sameType,
  shapeText,
  typeOf,
  UnsupportedOpError,
} from '@isonet/core';

/** A number such as `28`, or a name: `N`, or `N*6` for a dimension six times as large. */
export type Dim = number | string;
export type Dims = readonly Dim[];

export function sameDims(a: Dims, b: Dims): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** @throws GraphError if the axis does not exist */
export function dimAt(dims: Dims, axis: number): Dim {
  return defined(dims[axis], `axis ${axis} of [${dims.join(', ')}]`);
}

/**
 * Returns the dims that operands broadcast to. Each operand has all axes or none.
 * `[4, 1], [1, 3], [] -> [4, 3]`
 */
export function broadcastDims(operands: readonly Dims[]): Dims {
  const [first, ...others] = operands.filter(({ length }) => length > 0);
  if (first === undefined) return [];
  return others.reduce((a, b) => a.map((dim, axis) => (dim === 1 ? dimAt(b, axis) : dim)), first);
}

/** Returns the dims of every value of a graph, from its types. */
export function staticDims(graph: Graph): (value: ValueId) => Dims {
  return (value) => typeOf(graph, value).shape;
}

/** A network built for one batch size. */
export interface Built {
  readonly graph: Graph;
  readonly batch: number;
}

/**
 * Returns the dims of every value of the first graph, with the name `N` for sizes that follow the batch.
 * @param a, b the same network, built for two batch sizes
 * @param axes the batch axis of each input that has one: `{ images: 0 }`
 * @throws UnsupportedOpError if images are mixed, or if the two graphs differ in more than the batch size
 */
export function batchDims(
  a: Built,
  b: Built,
  axes: Readonly<Record<string, number>>,
): (value: ValueId) => Dims {
  sameStructure(a, b);
  const coupling = batchOf(a.graph, axes);
  const mixing = a.graph.nodes.find(({ outputs }) => outputs.some((value) => coupling(value) === 'summed'));
  if (mixing) throw refusal(a, mixing, 'it mixes the images of a batch');
  const dims = a.graph.values.map((_, value) => dimsOf(a, b, value, coupling(value)));
  return (value) => defined(dims[value], `the dims of %${value}`);
}

function dimsOf(a: Built, b: Built, value: ValueId, coupling: Coupling): Dims {
  const { shape } = typeOf(a.graph, value);
  const { shape: other } = typeOf(b.graph, value);
  const fail = (what: string): UnsupportedOpError =>
    refusal(a, makerOf(a.graph, value), `with another batch size its result ${shapeText(shape)} ${what}`);
  if (other.length !== shape.length) throw fail('has a different rank');
  return shape.map((dim, axis) => {
    const same = dim === dimOf(other, axis);
    // A value that depends on no image (zeros for each image, for example) may follow the batch along any axis.
    const follows = coupling === 'none' ? !same : typeof coupling === 'object' && coupling.axis === axis;
    if (!follows && same) return dim;
    if (!follows) throw fail(`changes along axis ${axis}, which is not the batch axis`);
    const times = dim / a.batch;
    if (!Number.isInteger(times) || dimOf(other, axis) !== times * b.batch) {
      throw fail(`has an axis ${axis} that is not a multiple of the batch`);
    }
    return times === 1 ? 'N' : `N*${times}`;
  });
}

function sameStructure(a: Built, b: Built): void {
  const otherLayers = 'with another batch size the network has different layers';
  if (a.graph.nodes.length !== b.graph.nodes.length) throw refusal(a, undefined, otherLayers);
  const wiring = ({ op, inputs, outputs }: Node): string => JSON.stringify([op, inputs, outputs]);
  a.graph.nodes.forEach((node, i) => {
    const other = b.graph.nodes[i];
    if (!other || wiring(node) !== wiring(other)) throw refusal(a, node, otherLayers);
    if (fixedAttrs(node) !== fixedAttrs(other)) {
      throw refusal(a, node, 'with another batch size it has different attributes');
    }
  });
  a.graph.constants.forEach((constant, i) => {
    if (sameConstant(constant, b.graph.constants[i])) return;
    const user = a.graph.nodes.find(({ inputs }) => inputs.some((value) => value === constant.value));
    throw refusal(a, user, 'with another batch size one of its constants changes');
  });
}

/** Returns the attributes that must not follow the batch: all except the shape of the result, which the types contain. */
function fixedAttrs({ op, attrs }: Node): string {
  const { resultShape } = definitionOf(op);
  return JSON.stringify(Object.entries(attrs).filter(([name]) => name !== resultShape));
}

function sameConstant({ data }: Constant, other: Constant | undefined): boolean {
  if (!other || !sameType(data, other.data)) return false;
  const { data: numbers } = other.data;
  return data.data.every((number, i) => Object.is(number, numbers[i]));
}

function makerOf(graph: Graph, value: ValueId): Node | undefined {
  return graph.nodes.find(({ outputs }) => outputs.some((output) => output === value));
}

function refusal({ graph }: Built, node: Node | undefined, why: string): UnsupportedOpError {
  const where = node ? nodeText(node) : graph.name;
  return new UnsupportedOpError(`${where}: cannot be exported for every batch size: ${why}`);
}

/** Returns all dims as numbers; undefined if one is a name. */
export function numbersOf(dims: Dims): Shape | undefined {
  const numbers = dims.filter((dim) => typeof dim === 'number');
  return numbers.length === dims.length ? numbers : undefined;
}
