// Constant, ConstantOfShape, Range, EyeLike and CumSum, which are computed while the network is built.
import type { Shape, Value } from '@isonet/core';
import { dimOf, shapeText, sizeOf } from '@isonet/core';
import { checkRank, grow, spend } from '../../host/budget.ts';
import { eachPosition, stridesOf } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import { hostTensor, intVector } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { elementText, kindOf } from '../../tensors.ts';
import { numberOf } from '../broadcasting.ts';
import { axisOf } from '../axes.ts';

export const Constant: ReadOp = (node) => {
  const tensor = constantOf(node);
  grow(node.frame.budget, tensor.data.length);
  return new Known(tensor);
};

function constantOf(node: NodeReader): HostTensor {
  const { attributes } = node;
  if (attributes.has('value')) return attributes.tensor('value');
  if (attributes.has('value_int')) return hostTensor('int', [], [attributes.int('value_int')]);
  if (attributes.has('value_ints')) return intVector(attributes.ints('value_ints'));
  if (attributes.has('value_float')) return hostTensor('float', [], [attributes.float('value_float')]);
  if (!attributes.has('value_floats'))
    throw node.fail('expected numbers; strings and sparse tensors are not supported');
  const numbers = attributes.floats('value_floats');
  return hostTensor('float', [numbers.length], numbers);
}

/** Larger than any shape or list of positions. */
const LARGE = 2 ** 16;

export const ConstantOfShape: ReadOp = (node) => {
  const shape = node.ints(0);
  if (shape.some((dim) => dim < 0))
    throw node.fail(`expected a shape without negative sizes, got ${shape.join(', ')}`);
  const value = node.attributes.has('value')
    ? node.attributes.tensor('value')
    : hostTensor('float', [1], [0]);
  const [number] = value.data;
  if (number === undefined || value.data.length !== 1) throw node.fail('expected a single number as value');
  const { kind } = value;
  // A tensor as large as a weight becomes a fill of the graph, which stores a single number.
  const isLarge = kind === 'float' && !shape.includes(0) && sizeOf(shape) > LARGE;
  if (isLarge) return filled(node, number, shape);
  const size = spend(node, shape);
  const data = kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  return new Known(hostTensor(kind, shape, data.fill(number)));
};

function filled(node: NodeReader, number: number, shape: Shape): Value {
  checkRank(node, shape.length);
  if (sizeOf(shape) > 2 ** 31) throw node.fail(`expected at most 2^31 values, got ${shapeText(shape)}`);
  return node.frame.scope.fill(number, shape);
}

export const Range: ReadOp = (node) => {
  const [start, limit, delta] = [numberOf(node, 0), numberOf(node, 1), numberOf(node, 2)];
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  if (!Number.isFinite(count)) throw node.fail(`cannot step from ${start} to ${limit} by ${delta}`);
  const length = spend(node, [count]);
  const numbers = Float64Array.from({ length }, (_, i) => start + i * delta);
  return new Known(hostTensor(node.kind(0), [count], numbers));
};

export const EyeLike: ReadOp = (node) => {
  const [rows, columns, ...others] = node.shape(0);
  if (rows === undefined || columns === undefined || others.length > 0) throw node.fail('expected a matrix');
  const offset = node.attributes.int('k', 0);
  const to = node.attributes.has('dtype') ? node.attributes.int('dtype') : undefined;
  const kind = to === undefined ? node.kind(0) : kindOf(to);
  if (kind === undefined) throw node.fail(`${elementText(to ?? 0)} is not supported`);
  const length = spend(node, [rows, columns]);
  const isOne = (i: number): boolean => (i % columns) - Math.floor(i / columns) === offset;
  return new Known(
    hostTensor(
      kind,
      [rows, columns],
      Float64Array.from({ length }, (_, i) => Number(isOne(i))),
    ),
  );
};

/** CumSum of known numbers only. Networks use it for positions in sequences. */
export const CumSum: ReadOp = (node) => {
  const { kind, shape, data } = node.host(0);
  const axis = axisOf(node, numberOf(node, 1), shape.length);
  const isExclusive = node.attributes.int('exclusive', 0) !== 0;
  const isReverse = node.attributes.int('reverse', 0) !== 0;
  const [size, step] = [dimOf(shape, axis), stridesOf(shape)[axis]!];
  const sums = new Float64Array(spend(node, shape));
  eachPosition(shape.with(axis, 1), [stridesOf(shape)], ([start]) => {
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const at = start! + (isReverse ? size - 1 - k : k) * step;
      const before = sum;
      sum += data[at]!;
      sums[at] = isExclusive ? before : sum;
    }
  });
  return new Known(hostTensor(kind, shape, sums));
};
