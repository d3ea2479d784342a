// Concat and Split.
import { dimOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known, shapeOf } from '../../operand.ts';
import { blockAlong, joinedAlong, repeatedTo } from '../layout/moved.ts';
import { axisOf } from '../axes.ts';
import { intsOf } from './intLists.ts';

export const Concat: ReadOp = (node) => {
  const axis = axisOf(node, node.attributes.int('axis'), node.shape(0).length);
  return joinedAlong(node, axis === 0 ? node.inputs : node.inputs.map((x) => forEachSample(node, x)), axis);
};

/** Repeats a constant for every sample if the file was exported for a single one: a class token, for example. */
function forEachSample(node: NodeReader, x: Operand): Operand {
  const { declared, bound } = node.frame.batch;
  const shape = shapeOf(x);
  const isBatched = node.inputs.some((other) => !(other instanceof Known) && other.shape[0] === bound);
  if (declared !== 1 || !(x instanceof Known) || shape[0] !== 1 || !isBatched) return x;
  return repeatedTo(node, x, shape.with(0, bound));
}

export const Split: ReadOp = (node) => {
  const shape = node.shape(0);
  const axis = axisOf(node, node.attributes.int('axis', 0), shape.length);
  const sizes = partsOf(node, dimOf(shape, axis));
  let start = 0;
  return sizes.map((size) => {
    const part = blockAlong(node, node.input(0), axis, start, size);
    start += size;
    return part;
  });
};

/** Returns the sizes of the parts: those in the file, or else sizes that are as equal as possible. */
function partsOf(node: NodeReader, total: number): readonly number[] {
  const given = intsOf(node, 'split', 1, 13);
  const count =
    node.opset >= 18 ? node.attributes.int('num_outputs', node.outputNames.length) : node.outputNames.length;
  const isEven = node.opset >= 18 || total % count === 0;
  if (count < 1 || count > node.outputNames.length || (!given && !isEven)) {
    throw node.fail(`cannot split ${total} into ${count} parts`);
  }
  const most = Math.ceil(total / count);
  const sizes = given ?? Array.from({ length: count }, (_, i) => Math.min(most, total - i * most));
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (sum === total && sizes.every((size) => size >= 0)) return sizes;
  throw node.fail(`cannot split ${total} into parts of ${sizes.join(', ')}`);
}
