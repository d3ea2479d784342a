// Operators of one operand, number by number: what each is in ops of the graph, and on numbers that are known already.
import type { Value } from '@isonet/core';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';

/** An operator of one operand. */
interface Unary {
  readonly emit: (node: NodeReader, x: Value) => Value;
  /** The same on a number. */
  readonly number: (x: number) => number;
}

function unary({ emit, number }: Unary): ReadOp {
  return (node) => {
    const known = node.known(0);
    if (!known) return emit(node, node.float(0));
    return new Known(hostTensor(known.kind, known.shape, Array.from(known.data, number)));
  };
}

export const unaries: ReadOps = {
  Relu: unary({ emit: ({ op }, x) => op.relu(x), number: (x) => Math.max(x, 0) }),
  Sigmoid: unary({ emit: ({ op }, x) => op.sigmoid(x), number: (x) => 1 / (1 + Math.exp(-x)) }),
};
