// Operators of two operands that broadcast, number by number.
import type { Value } from '@isonet/core';
import { hostTensor } from '../../hostTensor.ts';
import type { HostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';
import { broadcastShape, broadcastTo } from '../broadcasting.ts';

/** An operator of two operands. */
interface Binary {
  readonly emit: (node: NodeReader, a: Value, b: Value) => Value;
  /** The same on numbers. */
  readonly number: (a: number, b: number) => number;
}

function binary({ emit, number }: Binary): ReadOp {
  return (node) => {
    const shape = broadcastShape(node, [node.shape(0), node.shape(1)]);
    const [a, b] = [node.known(0), node.known(1)];
    if (a && b) return new Known(onNumbers(a, b, shape, number));
    return emit(node, broadcastTo(node, node.float(0), shape), broadcastTo(node, node.float(1), shape));
  };
}

export const binaries: ReadOps = {
  Add: binary({ emit: ({ op }, a, b) => op.add(a, b), number: (a, b) => a + b }),
  Mul: binary({ emit: ({ op }, a, b) => op.mul(a, b), number: (a, b) => a * b }),
};

function onNumbers(
  a: HostTensor,
  b: HostTensor,
  shape: readonly number[],
  number: (a: number, b: number) => number,
): HostTensor {
  const [from, to] = [stridesIn(a.shape, shape), stridesIn(b.shape, shape)];
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float64Array.from({ length: size }, (_, i) => {
    return number(a.data[offsetOf(i, shape, from)]!, b.data[offsetOf(i, shape, to)]!);
  });
  return hostTensor(a.kind, shape, data);
}

/** Steps of each axis of `shape` in a tensor that broadcasts to it; 0 along the axes that it is repeated along. */
function stridesIn(own: readonly number[], shape: readonly number[]): readonly number[] {
  let step = 1;
  const strides: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const dim = own[axis - shape.length + own.length] ?? 1;
    strides.unshift(dim === 1 ? 0 : step);
    step *= dim;
  }
  return strides;
}

function offsetOf(index: number, shape: readonly number[], strides: readonly number[]): number {
  let [rest, offset] = [index, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    offset += (rest % shape[axis]!) * strides[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return offset;
}
