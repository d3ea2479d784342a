// ONNX's reductions over axes, which are kept with size 1 or removed.
import type { Shape, Value } from '@isonet/core';
import { dimOf } from '@isonet/core';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import { Known } from '../../operand.ts';
import { absolute, meanOver, negative, shaped, sumOver } from '../arithmetic.ts';
import { axesOf } from '../axes.ts';
import { reducedOnNumbers } from './onNumbers.ts';

/** A reduction, on values of the graph and on numbers. */
interface Reduction {
  /** Keeps the axes with size 1. */
  readonly emit: (node: NodeReader, x: Value, axes: readonly number[]) => Value;
  /** Reduces a list of numbers to one. */
  readonly number: (values: Float64Array) => number;
}

/** @param since the first operator set in which the axes are an input instead of an attribute */
function reduction(since: number, { emit, number }: Reduction): ReadOp {
  return (node) => {
    const shape = node.shape(0);
    const axes = reducedAxes(node, since, shape.length);
    const isKept = node.attributes.int('keepdims', 1) !== 0;
    const known = node.known(0);
    if (known) {
      const data = reducedOnNumbers(node, known, axes, number);
      return new Known(hostTensor(known.kind, reducedShape(shape, axes, isKept), data));
    }
    return shaped(node, emit(node, node.float(0), axes), reducedShape(shape, axes, isKept));
  };
}

/** Returns the axes of the node. An empty list means all axes, unless noop_with_empty_axes is set. */
function reducedAxes(node: NodeReader, since: number, rank: number): readonly number[] {
  const { attributes } = node;
  const isInput = node.opset >= since;
  const isNoop = isInput && attributes.int('noop_with_empty_axes', 0) !== 0;
  const given = isInput ? (node.has(1) ? node.ints(1) : []) : attributes.ints('axes', []);
  if (given.length > 0) return axesOf(node, given, rank);
  return isNoop ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** Returns the shape of the result, with the reduced axes kept as size 1 or removed. */
export function reducedShape(shape: Shape, axes: readonly number[], isKept: boolean): Shape {
  if (isKept) return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return shape.filter((_, axis) => !axes.includes(axis));
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const maximum = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), -Infinity);

const AXES_ARE_INPUT = 18;

export const reduces: ReadOps = {
  ReduceSum: reduction(13, { emit: sumOver, number: sum }),
  ReduceMean: reduction(AXES_ARE_INPUT, {
    emit: meanOver,
    number: (values) => sum(values) / values.length,
  }),
  ReduceMax: reduction(AXES_ARE_INPUT, { emit: maxOver, number: maximum }),
  ReduceMin: reduction(AXES_ARE_INPUT, {
    emit: (node, x, axes) => negative(node, maxOver(node, negative(node, x), axes)),
    number: (values) => -maximum(values.map((value) => -value)),
  }),
  ReduceProd: reduction(AXES_ARE_INPUT, {
    emit: productOver,
    number: (values) => values.reduce((product, value) => product * value, 1),
  }),
  ReduceL1: reduction(AXES_ARE_INPUT, {
    emit: (node, x, axes) => sumOver(node, absolute(node, x), axes),
    number: (values) => sum(values.map(Math.abs)),
  }),
  ReduceL2: reduction(AXES_ARE_INPUT, {
    emit: (node, x, axes) => node.op.sqrt(sumOver(node, node.op.mul(x, x), axes)),
    number: (values) => Math.sqrt(sum(values.map((value) => value * value))),
  }),
  ReduceLogSum: reduction(AXES_ARE_INPUT, {
    emit: (node, x, axes) => node.op.log(sumOver(node, x, axes)),
    number: (values) => Math.log(sum(values)),
  }),
  ReduceLogSumExp: reduction(AXES_ARE_INPUT, {
    emit: logSumExp,
    number: (values) => {
      const max = maximum(values);
      return max + Math.log(sum(values.map((value) => Math.exp(value - max))));
    },
  }),
  ReduceSumSquare: reduction(AXES_ARE_INPUT, {
    emit: (node, x, axes) => sumOver(node, node.op.mul(x, x), axes),
    number: (values) => sum(values.map((value) => value * value)),
  }),
};

function maxOver({ op }: NodeReader, x: Value, axes: readonly number[]): Value {
  return axes.length === 0 ? x : op.reduceMax(x, { axes });
}

/** Subtracts the maximum first, so that nothing overflows. */
function logSumExp(node: NodeReader, x: Value, axes: readonly number[]): Value {
  const { op } = node;
  const max = op.stopGradient(maxOver(node, x, axes));
  const centered = op.sub(x, op.broadcast(max, { shape: x.shape }));
  return op.add(max, op.log(sumOver(node, op.exp(centered), axes)));
}

/** Multiplies the halves of an axis until one element is left. The gradient is correct for zeros, too. */
function productOver(node: NodeReader, x: Value, axes: readonly number[]): Value {
  return axes.reduce((values, axis) => productAlong(node, values, axis), x);
}

function productAlong(node: NodeReader, x: Value, axis: number): Value {
  const { op } = node;
  const size = dimOf(x.shape, axis);
  if (size === 1) return x;
  const part = (start: number, length: number): Value =>
    op.slice(x, {
      starts: x.shape.map((_, i) => (i === axis ? start : 0)),
      sizes: x.shape.with(axis, length),
    });
  const half = Math.floor(size / 2);
  const products = op.mul(part(0, half), part(half, half));
  const all = size % 2 === 0 ? products : op.concat(products, part(size - 1, 1), { axis });
  return productAlong(node, all, axis);
}
