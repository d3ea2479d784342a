// Checks whether a graph is exact on its feeds for any order of summation, as cases of the tier 'exact' promise.
import type { Graph, Node, Tensor, Tensors } from '@isonet/core';
import { decompose, defined, nodeText } from '@isonet/core';
import { roundingOf } from '../src/rounding/table.ts';
import type { Values } from './mutation/evaluate.ts';
import { at, compute, evaluate } from './mutation/evaluate.ts';

/**
 * Returns the values that float32 rounds, and the nodes whose sums leave float32's exact integers; empty if the graph
 * is exact.
 */
export function inexactness(graph: Graph, feeds: Tensors): readonly string[] {
  const primitive = decompose(graph, () => true);
  const values = evaluate(primitive, feeds);
  const rounded = [...values].filter(
    ([, { dtype, data }]) =>
      dtype === 'float64' && !everyValue(data, (value) => Object.is(Math.fround(value), value)),
  );
  const found = rounded.map(([value]) => `%${value} is not a float32 value`);
  for (const node of primitive.nodes) {
    const sum = largestSum(node, roundingOf(primitive, node).sums, values);
    if (sum >= 2 ** 24) found.push(`${nodeText(node)} sums up to ${sum}`);
  }
  return found;
}

/**
 * Returns the largest sum of magnitudes that a node forms, in the common unit of the summed operands. The node itself
 * computes this sum when it is applied to magnitudes. Every partial sum, in any order, is a multiple of that unit and
 * at most this large, hence exact below 2^24.
 */
function largestSum(node: Node, summed: readonly number[], values: Values): number {
  if (summed.length === 0) return 0;
  const operands = node.inputs.map((value, i) => {
    const operand = at(values, value);
    return summed.includes(i) ? magnitudes(operand) : operand;
  });
  const [sums] = compute(operands, (b, inputs) => b.emit(node.op, inputs, node.attrs));
  const units = summed.map((i) => unitOf(defined(operands[i], `operand ${i}`).data));
  return largest(defined(sums, 'the sums').data) / units.reduce((product, unit) => product * unit, 1);
}

function magnitudes({ shape, data }: Tensor): Tensor {
  return { dtype: 'float64', shape, data: Float64Array.from(data, Math.abs) };
}

/** Returns the largest power of two, at most 1, that divides every value. */
function unitOf(data: ArrayLike<number>): number {
  let unit = 1;
  while (!everyValue(data, (value) => Number.isInteger(value / unit))) unit /= 2;
  return unit;
}

function largest(data: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < data.length; i++) found = Math.max(found, data[i] ?? NaN);
  return found;
}

function everyValue(data: ArrayLike<number>, holds: (value: number) => boolean): boolean {
  for (let i = 0; i < data.length; i++) if (!holds(data[i] ?? NaN)) return false;
  return true;
}
