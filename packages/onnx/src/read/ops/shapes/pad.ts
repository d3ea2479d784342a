// Pad: its pads are an attribute up to operator set 10, and an input from 11 on. Negative pads crop.
import { dimOf } from '@isonet/core';
import { indexCount, spend } from '../../host/budget.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known, kindOfOperand, shapeOf } from '../../operand.ts';
import { numberOf } from '../broadcasting.ts';
import { blockAlong, joinedAlong } from '../layout/moved.ts';
import { pickedAlong } from '../layout/picked.ts';
import { listedAxes } from '../axes.ts';
import { intsOf } from './intLists.ts';

/** For each mode, maps an index outside an axis of `size` to the index inside it whose value is copied there. */
const OUTSIDE: Readonly<Record<string, (index: number, size: number) => number>> = {
  reflect: (index, size) => {
    const period = Math.max(2 * (size - 1), 1);
    const at = modulo(index, period);
    return at < size ? at : period - at;
  },
  edge: (index, size) => Math.min(Math.max(index, 0), size - 1),
  wrap: modulo,
};

export const Pad: ReadOp = (node) => {
  const { rank, axes, pads } = padsOf(node);
  const mode = node.attributes.string('mode', 'constant');
  const outside = Object.hasOwn(OUTSIDE, mode) ? OUTSIDE[mode] : undefined;
  if (!outside && mode !== 'constant') throw node.fail(`unknown mode ${mode}`);
  const value = valueOf(node);
  const [before, after] = [0, 1].map((side) =>
    Array.from({ length: rank }, (_, axis) => {
      const at = axes.indexOf(axis);
      return at === -1 ? 0 : pads[side * axes.length + at]!;
    }),
  ) as [number[], number[]];
  if (!outside) return surrounded(node, cropped(node, before, after), before, after, value);
  return axes.reduce((x, axis) => {
    const size = dimOf(shapeOf(x), axis);
    const [first, last] = [-before[axis]!, size + after[axis]!];
    const length = indexCount(node, Math.max(last - first, 0));
    return pickedAlong(
      node,
      x,
      axis,
      Array.from({ length }, (_, i) => outside(first + i, size)),
    );
  }, node.input(0));
};

function padsOf(node: NodeReader): {
  readonly rank: number;
  readonly axes: readonly number[];
  readonly pads: readonly number[];
} {
  const rank = node.shape(0).length;
  const pads = intsOf(node, 'pads', 1, 11);
  const given = node.opset >= 18 && node.has(3) ? node.ints(3) : undefined;
  const axes = given ? listedAxes(node, given, rank) : Array.from({ length: rank }, (_, axis) => axis);
  if (pads?.length === 2 * axes.length) return { rank, axes, pads };
  throw node.fail(`expected two pads for each of ${axes.length} axes, got ${pads?.length ?? 'none'}`);
}

function valueOf(node: NodeReader): number {
  if (node.opset < 11) return node.attributes.float('value', 0);
  return node.has(2) ? numberOf(node, 2) : 0;
}

/** Crops by the negative pads. */
function cropped(node: NodeReader, before: readonly number[], after: readonly number[]): Operand {
  return before.reduce<Operand>((x, first, axis) => {
    const size = dimOf(shapeOf(x), axis);
    const start = Math.max(-first, 0);
    const length = size - start - Math.max(-after[axis]!, 0);
    if (length < 0) throw node.fail(`cannot crop ${size - length} of ${size}`);
    return blockAlong(node, x, axis, start, length);
  }, node.input(0));
}

/** Adds the positive pads, filled with `value`. */
function surrounded(
  node: NodeReader,
  x: Operand,
  before: readonly number[],
  after: readonly number[],
  value: number,
): Operand {
  const [low, high] = [before, after].map((pads) => pads.map((pad) => Math.max(pad, 0))) as [
    number[],
    number[],
  ];
  if ([...low, ...high].every((pad) => pad === 0)) return x;
  if (!(x instanceof Known) && x.dtype === 'float32')
    return node.op.pad(x, { before: low, after: high, value });
  const kind = kindOfOperand(x);
  return low.reduce<Operand>((inner, first, axis) => {
    const part = (size: number): readonly Operand[] => {
      if (size === 0) return [];
      const shape = shapeOf(inner).with(axis, size);
      return [new Known(hostTensor(kind, shape, new Float64Array(spend(node, shape)).fill(value)))];
    };
    return joinedAlong(node, [...part(first), inner, ...part(high[axis]!)], axis);
  }, x);
}

function modulo(index: number, size: number): number {
  return ((index % size) + size) % size;
}
