// Describes what a case covers, forward and backward, as a list of features. Cases of an op with the same features test nearly the
// same behavior; see suite/subset.ts.
import type { Graph, Node, Tensor, TensorType } from '@isonet/core';
import { sizeOf, typesOf } from '@isonet/core';
import type { Case } from './case.ts';
import { groupOf } from '../check/check.ts';

/** Cases with a larger feed have no features: they test size, and otherwise cover the same features as small cases. */
const MOST_VALUES = 20_000;

/** Returns the features of a case; empty for a case that only the whole suite runs. */
export function featuresOf(test: Case): readonly string[] {
  const { key, judged, kinked, feeds } = test;
  if (Object.values(feeds).some(({ shape }) => sizeOf(shape) > MOST_VALUES)) return [];
  const op = groupOf(key);
  const backward = test.backward();
  const found = [
    judged,
    ...(kinked ? ['kinked'] : []),
    ...Object.entries(feeds).flatMap(([name, tensor]) => dataFeatures(name, tensor)),
    ...graphFeatures(op, test.forward()),
    ...(backward ? graphFeatures(op, backward).map((feature) => `backward, ${feature}`) : []),
  ];
  return [...new Set(found)].map((feature) => `${op}: ${feature}`);
}

/** Describes each node of the op under test by its attributes and inputs, and any other node by its op alone. */
function graphFeatures(op: string, graph: Graph): readonly string[] {
  return graph.nodes.flatMap((node) => [
    node.op,
    ...(node.op === op ? nodeFeatures(node, typesOf(graph, node.inputs)) : []),
  ]);
}

type AttrValue = number | boolean | string | readonly number[];

function nodeFeatures({ attrs, inputs }: Node, types: readonly TensorType[]): readonly string[] {
  const isRepeated = new Set(inputs).size < inputs.length;
  return [
    ...Object.entries<AttrValue>(attrs).map(([name, value]) => `${name} ${kindOf(value)}`),
    ...types.map(({ dtype, shape }, i) => `input ${i} ${dtype}, ${shape.length} axes`),
    ...(isRepeated ? ['one value twice'] : []),
  ];
}

/**
 * Returns the kind of an attribute, not its value: no padding, equal padding and unequal padding exercise different
 * code, but paddings of 1 and 2 do not.
 */
function kindOf(value: AttrValue): string {
  if (typeof value === 'object') {
    const kinds = new Set(value);
    const [only] = kinds;
    return kinds.size === 1 && only !== undefined ? `all ${kindOf(only)}` : `${kinds.size} kinds`;
  }
  if (typeof value !== 'number' || value === 0 || value === 1) return String(value);
  return value < 0 ? 'below 0' : 'above 0';
}

/**
 * Returns the size, squareness and range of the data: they decide what overflows, cancels, ties or is out of range.
 */
function dataFeatures(name: string, { dtype, shape, data }: Tensor): readonly string[] {
  const size = data.length === 1 ? 'one value' : data.length < 32 ? 'few values' : 'many values';
  const [rows, columns] = shape.slice(-2);
  const square = rows !== 1 && rows === columns ? ['square'] : [];
  const range = dtype === 'float32' || dtype === 'int32' ? rangesOf(data) : [];
  return [size, ...[...square, ...range].map((feature) => `${name} ${feature}`)];
}

function rangesOf(data: ArrayLike<number>): readonly string[] {
  const values = Array.from(data);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const ranges = {
    'is constant': low === high,
    'is far from 0': low < high && high - low < Math.abs(high + low) / 64,
    'is large': Math.max(-low, high) > 50,
    'is above 0': low >= 0,
    'is below 0': high <= 0,
    'is on both sides of 0': low < 0 && high > 0,
    'has ties': values.length > 8 && new Set(values).size < values.length / 4,
  };
  return Object.entries(ranges).flatMap(([name, holds]) => (holds ? [name] : []));
}
