// Whether a graph is exact on its feeds in any order of sums: what the cases of the tier 'exact' promise.
import type { Graph, Node, OpName, Tensor, Tensors } from '@isonet/core';
import { decompose, GraphBuilder, nodeText, typeOf } from '@isonet/core';
import { the } from '../src/check/compare.ts';
import type { Values } from './mutation/plant.ts';
import { at, everyValue } from './mutation/plant.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';

/** The ops that sum, and which of their operands they sum products of. */
const summed: Partial<Record<OpName, readonly number[]>> = {
  conv2d: [0, 1],
  conv2dGradFilter: [0, 1],
  conv2dGradInput: [0, 1],
  matMul: [0, 1],
  maxPool2dGrad: [2],
  reduceSum: [0],
};

/** The values that float32 does not hold, and the nodes whose sums leave its whole numbers; none, if the graph is exact. */
export async function inexactness(graph: Graph, feeds: Tensors): Promise<readonly string[]> {
  const primitive = decompose(graph, () => true);
  const values = await everyValue(primitive, feeds);
  const rounded = [...values].filter(
    ([, { dtype, data }]) =>
      dtype === 'float64' && !everyNumber(data, (value) => Object.is(Math.fround(value), value)),
  );
  const found = rounded.map(([value]) => `%${value} is no float32`);
  for (const node of primitive.nodes) {
    const sum = await largestSum(primitive, node, values);
    if (sum >= 2 ** 24) found.push(`${nodeText(node)} sums up to ${sum}`);
  }
  return found;
}

/**
 * The largest sum of magnitudes that a node forms, in the operands' common unit: the same node on magnitudes. A partial sum
 * of any order is a multiple of that unit and no larger, hence exact below 2^24.
 */
async function largestSum(graph: Graph, node: Node, values: Values): Promise<number> {
  const indices = summed[node.op];
  if (!indices) return 0;
  const operands = node.inputs.map((value, i) => {
    const operand = at(values, value);
    return indices.includes(i) ? magnitudes(operand) : operand;
  });
  const b = new GraphBuilder(nodeText(node));
  const inputs = node.inputs.map((value, i) => b.input(String(i), typeOf(graph, value)));
  b.emit(node.op, inputs, node.attrs).forEach((output) => b.output('sums', output));
  const feeds = Object.fromEntries(operands.map((operand, i) => [String(i), operand]));
  const sums = the(await runOnce(await referenceDevice(), b.build(), {}, feeds), 'sums');
  const units = indices.map((i) => unitOf(operands[i]?.data ?? []));
  return largest(sums.data) / units.reduce((product, unit) => product * unit, 1);
}

function magnitudes({ shape, data }: Tensor): Tensor {
  return { dtype: 'float64', shape, data: Float64Array.from(data, Math.abs) };
}

/** The largest power of two that divides every value, and at most 1. */
function unitOf(data: ArrayLike<number>): number {
  let unit = 1;
  while (!everyNumber(data, (value) => Number.isInteger(value / unit))) unit /= 2;
  return unit;
}

function largest(data: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < data.length; i++) found = Math.max(found, data[i] ?? NaN);
  return found;
}

function everyNumber(data: ArrayLike<number>, holds: (value: number) => boolean): boolean {
  for (let i = 0; i < data.length; i++) if (!holds(data[i] ?? NaN)) return false;
  return true;
}
