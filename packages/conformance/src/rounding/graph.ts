// What the analyses of rounding errors share: bounds (tolerance.ts), variances (training/) and the lengths of sums (models/).
import type { GraphBuilder, Node, Pair, Value, ValueId } from '@isonet/core';
import { defined } from '@isonet/core';

/** Half a unit in the last place of 1: what one float32 operation may lose, relative to its result. */
export const U: number = 2 ** -24;

export function times(b: GraphBuilder, factor: number, value: Value): Value {
  return b.op.mul(value, b.fill(factor, value.shape));
}

/** Of those that are there; undefined where none is. */
export function sum(b: GraphBuilder, ...terms: readonly (Value | undefined)[]): Value | undefined {
  return terms.reduce((total, term) => (total && term ? b.op.add(total, term) : (total ?? term)), undefined);
}

/** At most how many windows a pixel lies in. */
export function windowsOver({ kernel, strides }: { readonly kernel: Pair; readonly strides: Pair }): number {
  return Math.ceil(kernel[0] / strides[0]) * Math.ceil(kernel[1] / strides[1]);
}

/** Where a node's inputs and outputs went when the node was copied. */
export function copiesOf(
  node: Node,
  inputs: readonly Value[],
  outputs: readonly Value[],
): (value: ValueId) => Value {
  const ids = [...node.inputs, ...node.outputs];
  const copies = new Map([...inputs, ...outputs].map((copy, i) => [ids[i], copy]));
  return (value) => defined(copies.get(value), `the copy of %${value} of ${node.op}`);
}
