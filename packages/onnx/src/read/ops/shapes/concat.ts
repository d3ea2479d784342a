// Concat and Split.
import { dimOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import { blockAlong, joinedAlong } from '../layout/moved.ts';
import { axisOf, intsOf } from './axes.ts';

export const Concat: ReadOp = (node) =>
  joinedAlong(node, node.inputs, axisOf(node, node.attributes.int('axis'), node.shape(0).length));

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

/** Sizes of the parts: as the file says, or as equal as it goes. */
function partsOf(node: NodeReader, total: number): readonly number[] {
  const given = intsOf(node, 'split', 1, 13);
  const count =
    node.opset >= 18 ? node.attributes.int('num_outputs', node.outputNames.length) : node.outputNames.length;
  if (count < 1 || count > node.outputNames.length + total)
    throw node.fail(`cannot split into ${count} parts`);
  const most = Math.ceil(total / count);
  const sizes = given ?? Array.from({ length: count }, (_, i) => Math.min(most, total - i * most));
  const sum = sizes.reduce((all, size) => all + size, 0);
  if (sum === total && sizes.every((size) => size >= 0)) return sizes;
  throw node.fail(`cannot split ${total} into ${sizes.join(', ')}`);
}
