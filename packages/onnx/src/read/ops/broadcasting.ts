// ONNX's multidirectional (NumPy-style) broadcasting as explicit ops, because the graph's ops do not broadcast.
import type { Shape, Value } from '@isonet/core';
import { sameShape, shapeText } from '@isonet/core';
import { checkRank } from '../host/budget.ts';
import type { NodeReader } from '../node.ts';
import type { Operand } from '../operand.ts';
import { Known } from '../operand.ts';

/** Backends have broadcast kernels up to this rank. Above it, neighboring axes are merged. */
const MAX_KERNEL_RANK = 4;

/** Returns the shape that all these shapes broadcast to. @throws NodeError if they do not broadcast */
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

/** Repeats a value to `shape`. */
export function broadcastTo({ op }: NodeReader, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  const missing = shape.length - value.shape.length;
  const full = [...Array.from({ length: missing }, () => 1), ...value.shape];
  const { from, to } = shape.length > MAX_KERNEL_RANK ? merged(full, shape) : { from: full, to: shape };
  const aligned = sameShape(from, value.shape) ? value : op.reshape(value, { shape: from });
  const repeated = sameShape(from, to) ? aligned : op.broadcast(aligned, { shape: to });
  return sameShape(to, shape) ? repeated : op.reshape(repeated, { shape });
}

/** Returns an operand as a float value of `shape`. A single known number becomes a fill, which kernels need not read from memory. */
export function spreadTo(node: NodeReader, i: number, shape: Shape): Value {
  const number = singleNumber(node, i);
  return number === undefined
    ? broadcastTo(node, node.float(i), shape)
    : node.frame.scope.fill(number, shape);
}

/** Returns the number in a known float operand with a single element; undefined for any other operand. */
export function singleNumber(node: NodeReader, i: number): number | undefined {
  const known = node.known(i);
  return known?.kind === 'float' && known.data.length === 1 ? known.data[0] : undefined;
}

/** Returns the number in a known operand of any kind with a single element. @throws NodeError for any other operand */
export function numberOf(node: NodeReader, i: number): number {
  const { data } = node.host(i);
  const [number] = data;
  if (number === undefined || data.length !== 1) {
    throw node.fail(`expected input ${i} to be a single number, got ${data.length} values`);
  }
  return number;
}

/** Returns whether an operand is known and all its elements pass the test. */
export function everyNumber(operand: Operand, test: (number: number) => boolean): boolean {
  return operand instanceof Known && (operand.tensor.data as Float64Array).every((number) => test(number));
}

/** Merges neighboring axes that are all repeated, or all kept, into one axis. */
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
