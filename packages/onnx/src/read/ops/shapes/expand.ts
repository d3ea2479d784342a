// Expand and Tile, which repeat values along axes.
import { dimOf, sizeOf } from '@isonet/core';
import type { ReadOp } from '../../node.ts';
import { shapeOf } from '../../operand.ts';
import { broadcastShape } from '../broadcasting.ts';
import { repeatedTo, reshapedTo } from '../layout/moved.ts';

export const Expand: ReadOp = (node) =>
  repeatedTo(node, node.input(0), broadcastShape(node, [node.shape(0), node.ints(1)]));

export const Tile: ReadOp = (node) => {
  const [shape, repeats] = [node.shape(0), node.ints(1)];
  if (repeats.length !== shape.length || repeats.some((times) => times < 0)) {
    throw node.fail(`expected one repeat count per axis, got ${repeats.join(', ')}`);
  }
  return repeats.reduce((x, times, axis) => {
    if (times === 1) return x;
    const own = shapeOf(x);
    const [before, rest] = [sizeOf(own.slice(0, axis)), sizeOf(own.slice(axis))];
    const single = reshapedTo(node, x, [before, 1, rest]);
    const copies = repeatedTo(node, single, [before, times, rest]);
    return reshapedTo(node, copies, own.with(axis, times * dimOf(own, axis)));
  }, node.input(0));
};
