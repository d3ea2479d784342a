// Helpers of the rounding analyses: each analysis is a pass that copies a graph and also computes the errors of its values.
import type { GraphBuilder, Node, Value, ValueId } from '@isonet/core';
import { defined } from '@isonet/core';

export function times(b: GraphBuilder, factor: number, value: Value): Value {
  return b.op.mul(value, b.fill(factor, value.shape));
}

/** Adds the terms that are defined; returns undefined if all are undefined. */
export function sum(b: GraphBuilder, ...terms: readonly (Value | undefined)[]): Value | undefined {
  return terms.reduce((total, term) => (total && term ? b.op.add(total, term) : (total ?? term)), undefined);
}

/** Maps the inputs and outputs of a node to their copies. */
export function copiesOf(
  node: Node,
  inputs: readonly Value[],
  outputs: readonly Value[],
): (value: ValueId) => Value {
  const ids = [...node.inputs, ...node.outputs];
  const copies = new Map([...inputs, ...outputs].map((copy, i) => [ids[i], copy]));
  return (value) => defined(copies.get(value), `the copy of %${value} of ${node.op}`);
}
