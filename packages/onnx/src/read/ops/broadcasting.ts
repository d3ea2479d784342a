// ONNX's multidirectional broadcasting (NumPy's), written out: the graph's own ops do not broadcast.
import type { Shape, Value } from '@isonet/core';
import { sameShape, shapeText } from '@isonet/core';
import { checkRank } from '../host/budget.ts';
import type { NodeReader } from '../node.ts';
import type { Operand } from '../operand.ts';
import { Known } from '../operand.ts';

/** Backends have kernels for up to so many axes: those that are repeated together are one. */
const PLAIN_RANK = 4;

/** The shape that all of these broadcast to. @throws NodeError where they do not */
export function broadcastShape(node: NodeReader, shapes: readonly Shape[]): Shape {
  const rank = shapes.reduce((most, { length }) => Math.max(most, length), 0);
  checkRank(node, rank);
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((dim) => dim !== 1) ?? 1;
    if (sizes.some((dim) => dim !== 1 && dim !== size)) {
      throw node.fail(`${shapes.map(shapeText).join(' and ')} do not broadcast`);
    }
    return size;
  });
}

/** A value repeated to `shape`. */
export function broadcastTo({ op }: NodeReader, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  const missing = shape.length - value.shape.length;
  const full = [...Array.from({ length: missing }, () => 1), ...value.shape];
  const { from, to } = shape.length > PLAIN_RANK ? merged(full, shape) : { from: full, to: shape };
  const aligned = sameShape(from, value.shape) ? value : op.reshape(value, { shape: from });
  const repeated = sameShape(from, to) ? aligned : op.broadcast(aligned, { shape: to });
  return sameShape(to, shape) ? repeated : op.reshape(repeated, { shape });
}

/** An operand as a float value of `shape`. A single number becomes one that kernels need not read from memory. */
export function spreadTo(node: NodeReader, i: number, shape: Shape): Value {
  const number = singleNumber(node, i);
  return number === undefined
    ? broadcastTo(node, node.float(i), shape)
    : node.frame.scope.fill(number, shape);
}

/** The only number of a float operand that is known; undefined where it has several, or the network computes it. */
export function singleNumber(node: NodeReader, i: number): number | undefined {
  const known = node.known(i);
  return known?.kind === 'float' && known.data.length === 1 ? known.data[0] : undefined;
}

/** A single known number of any kind. @throws NodeError for anything else */
export function numberOf(node: NodeReader, i: number): number {
  const { data } = node.host(i);
  const [number] = data;
  if (number === undefined || data.length !== 1) {
    throw node.fail(`expected input ${i} to be one number, got ${data.length}`);
  }
  return number;
}

/** Whether an operand is known and none of its numbers fails the test. */
export function everyNumber(operand: Operand, test: (number: number) => boolean): boolean {
  return operand instanceof Known && (operand.tensor.data as Float64Array).every((number) => test(number));
}

/** Neighbouring axes that are all repeated, or all kept, as one axis. */
function merged(full: Shape, shape: Shape): { readonly from: Shape; readonly to: Shape } {
  const from: number[] = [];
  const to: number[] = [];
  let wasRepeated: boolean | undefined;
  full.forEach((dim, axis) => {
    const target = shape[axis]!;
    const isRepeated = dim !== target;
    if (target === 1) return;
    if (isRepeated === wasRepeated) {
      from.push(from.pop()! * dim);
      to.push(to.pop()! * target);
    } else {
      from.push(dim);
      to.push(target);
    }
    wasRepeated = isRepeated;
  });
  return { from, to };
}
