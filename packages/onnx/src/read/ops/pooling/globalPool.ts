// GlobalAveragePool and GlobalMaxPool: one value per channel of each image, for images with one or more pixel axes.
import type { ReadOp } from '../../node.ts';
import type { NodeReader } from '../../node.ts';
import type { Value } from '@isonet/core';
import { meanOver } from '../arithmetic.ts';

export const GlobalAveragePool: ReadOp = (node) => {
  const x = imagesOf(node);
  return x.shape.length === 4 ? node.op.globalAvgPool2d(x) : meanOver(node, x, pixelAxes(x));
};

export const GlobalMaxPool: ReadOp = (node) => {
  const x = imagesOf(node);
  return node.op.reduceMax(x, { axes: pixelAxes(x) });
};

function imagesOf(node: NodeReader): Value {
  const x = node.float(0);
  if (x.shape.length >= 3) return x;
  throw node.fail(`expected images [N, C, ...], got [${x.shape.join(', ')}]`);
}

function pixelAxes({ shape }: Value): readonly number[] {
  return shape.map((_, axis) => axis).slice(2);
}
