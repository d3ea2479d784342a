// OneHot and Trilu.
import type { Value } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import type { HostTensor } from '../../hostTensor.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known, shapeOf } from '../../operand.ts';
import { broadcastTo, numberOf } from '../broadcasting.ts';
import { reshapedTo, transposed } from '../layout/moved.ts';
import { axisOf } from '../axes.ts';
import { fromTheStart } from './indices.ts';
import { isTrue, truth } from '../truth.ts';

export const OneHot: ReadOp = (node) => {
  const shape = node.shape(0);
  const axis = axisOf(node, node.attributes.int('axis', -1), shape.length + 1);
  const depth = Math.trunc(numberOf(node, 1));
  const values = node.host(2);
  const [off, on] = values.data;
  if (off === undefined || on === undefined || depth < 1)
    throw node.fail('expected a depth of at least 1, and two values');
  const known = node.known(0);
  const rows = known
    ? new Known(onHost(node, known, depth, values.kind, off, on))
    : onGraph(node, depth, values.kind, off, on);
  // Moves the classes from the last axis to `axis`.
  const full = reshapedTo(node, rows, [...shape, depth]);
  const order = [...shape.keys()].toSpliced(axis, 0, shape.length);
  return transposed(node, full, order);
};

function onHost(
  node: NodeReader,
  { data }: HostTensor,
  depth: number,
  kind: HostTensor['kind'],
  off: number,
  on: number,
): HostTensor {
  const shape = [data.length, depth];
  const numbers = new Float64Array(spend(node, shape)).fill(off);
  data.forEach((index, row) => {
    const integer = Math.trunc(index);
    const at = integer < 0 ? integer + depth : integer;
    if (at >= 0 && at < depth) numbers[row * depth + at] = on;
  });
  return hostTensor(kind, shape, numbers);
}

function onGraph(node: NodeReader, depth: number, kind: HostTensor['kind'], off: number, on: number): Value {
  const { op, frame } = node;
  const x = node.value(0);
  const flat = op.reshape(x, { shape: [sizeOf(x.shape)] });
  const hot = op.oneHot(fromTheStart(node, flat, depth), { depth });
  const all = (number: number): Value => frame.scope.fill(number, hot.shape);
  const chosen = op.select(isTrue(node, hot), all(on), all(off));
  if (kind === 'float') return chosen;
  return kind === 'bool' ? isTrue(node, chosen) : op.cast(chosen, { to: 'int32' });
}

export const Trilu: ReadOp = (node) => {
  const x = node.input(0);
  const shape = shapeOf(x);
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) throw node.fail('expected matrices');
  const offset = node.has(1) ? numberOf(node, 1) : 0;
  const isUpper = node.attributes.int('upper', 1) !== 0;
  const stays = (i: number): boolean => {
    const distance = (i % columns) - Math.floor((i % (rows * columns)) / columns);
    return isUpper ? distance >= offset : distance <= offset;
  };
  const known = node.known(0);
  if (known) {
    spend(node, shape);
    const data = Float64Array.from(known.data, (number, i) => (stays(i) ? number : 0));
    return new Known(hostTensor(known.kind, shape, data));
  }
  const length = spend(node, [rows, columns]);
  const mask = hostTensor(
    'bool',
    [rows, columns],
    Float64Array.from({ length }, (_, i) => Number(stays(i))),
  );
  return masked(node, node.valueOf(x), mask);
};

/** Keeps x where the mask is true, and replaces the rest with 0 or false. */
function masked(node: NodeReader, x: Value, mask: HostTensor): Operand {
  const { op, frame } = node;
  const isKept = broadcastTo(node, node.constant(mask), x.shape);
  const zeros = frame.scope.fill(0, x.shape);
  if (x.dtype === 'float32') return op.select(isKept, x, zeros);
  if (x.dtype === 'bool') return isTrue(node, op.select(isKept, truth(node, x), zeros));
  throw node.fail('Trilu does not support integers computed by the network');
}
