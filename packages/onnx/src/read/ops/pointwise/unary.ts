// Elementwise operators with one operand, each as ops of the graph and as a function for known numbers.
import type { Value } from '@isonet/core';
import { onNumbers } from '../../host/numbers.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';
import { absolute } from '../arithmetic.ts';
import { like } from './like.ts';
import { ceil, floor, roundEven, roundHalfToEven } from './rounding.ts';

/** An operator with one operand. */
interface Unary {
  /** `x: [...] -> [...]`; undefined if the graph cannot compute it exactly. */
  readonly emit?: (node: NodeReader, x: Value) => Value;
  /** The same function on a number. */
  readonly number: (x: number) => number;
}

function unary({ emit, number }: Unary): ReadOp {
  return (node) => {
    const known = node.known(0);
    if (known) return new Known(onNumbers(node, [known], number));
    if (emit) return emit(node, node.float(0));
    throw node.fail('this operator is supported only for constants');
  };
}

export const unaries: ReadOps = {
  Abs: unary({ emit: absolute, number: Math.abs }),
  Ceil: unary({ emit: ceil, number: Math.ceil }),
  Cos: unary({ number: Math.cos }),
  Exp: unary({ emit: ({ op }, x) => op.exp(x), number: Math.exp }),
  Floor: unary({ emit: floor, number: Math.floor }),
  Log: unary({ emit: ({ op }, x) => op.log(x), number: Math.log }),
  Neg: unary({ emit: (node, x) => node.op.mul(x, like(node, -1, x)), number: (x) => -x }),
  Reciprocal: unary({ emit: (node, x) => node.op.div(like(node, 1, x), x), number: (x) => 1 / x }),
  Relu: unary({ emit: ({ op }, x) => op.relu(x), number: (x) => Math.max(x, 0) }),
  Round: unary({ emit: roundEven, number: roundHalfToEven }),
  Sigmoid: unary({ emit: ({ op }, x) => op.sigmoid(x), number: (x) => 1 / (1 + Math.exp(-x)) }),
  Sign: unary({ emit: sign, number: Math.sign }),
  Sin: unary({ number: Math.sin }),
  Sqrt: unary({ emit: ({ op }, x) => op.sqrt(x), number: Math.sqrt }),
  Tanh: unary({ emit: ({ op }, x) => op.tanh(x), number: Math.tanh }),
};

function sign(node: NodeReader, x: Value): Value {
  const { op } = node;
  const zeros = like(node, 0, x);
  const negative = op.select(op.greater(zeros, x), like(node, -1, x), zeros);
  return op.select(op.greater(x, zeros), like(node, 1, x), negative);
}
