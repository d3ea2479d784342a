// What a case covers, in words: what its op meets there, forward and backward. Cases of one op with the same words ask much the
// same; see subset.ts.
import type { Graph, Node, Tensor, TensorType } from '@isonet/core';
import { sizeOf, typesOf } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { groupOf } from '../check/check.ts';

/** Cases with a larger feed are not looked at: they are there for their size, and cover what small ones do. */
const MOST_VALUES = 20_000;

/** None for a case that only the whole suite has. */
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

/** Of the op's own nodes all that they are given; of the others, that they are there. */
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

/** `pads [mixed]`, not each of them: no padding, the same on every side, and asymmetric are met by other code each. */
function kindOf(value: AttrValue): string {
  if (typeof value === 'object') {
    const kinds = new Set(value);
    const [only] = kinds;
    return kinds.size === 1 && only !== undefined ? `all ${kindOf(only)}` : `${kinds.size} kinds`;
  }
  if (typeof value !== 'number' || value === 0 || value === 1) return String(value);
  return value < 0 ? 'below 0' : 'above 0';
}

/** How large, how square, and in which range: what overflows, cancels or ties, and indices that are none. */
function dataFeatures(name: string, { dtype, shape, data }: Tensor): readonly string[] {
  const size = data.length === 1 ? 'one number' : data.length < 32 ? 'few numbers' : 'many numbers';
  const [rows, columns] = shape.slice(-2);
  const square = rows !== 1 && rows === columns ? ['square'] : [];
  const range = dtype === 'float32' || dtype === 'int32' ? rangesOf(data) : [];
  return [size, ...[...square, ...range].map((feature) => `${name} ${feature}`)];
}

function rangesOf(data: ArrayLike<number>): readonly string[] {
  const values = Array.from(data);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const ranges = {
    'is one number': low === high,
    'is far from 0': low < high && high - low < Math.abs(high + low) / 64,
    'is large': Math.max(-low, high) > 50,
    'is above 0': low >= 0,
    'is below 0': high <= 0,
    'is on both sides of 0': low < 0 && high > 0,
    'has ties': values.length > 8 && new Set(values).size < values.length / 4,
  };
  return Object.entries(ranges).flatMap(([name, holds]) => (holds ? [name] : []));
}
