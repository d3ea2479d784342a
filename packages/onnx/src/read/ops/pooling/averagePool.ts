// AveragePool: operator set 7 and later.
import type { Value } from '@isonet/core';
import { dimOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { asGiven, asImages, kernelOf, windowAttrs } from '../convolution/window.ts';
import type { PoolWindow } from './window.ts';
import { poolWindowOf } from './window.ts';

export const AveragePool: ReadOp = (node) => {
  const isPaddingCounted = node.attributes.int('count_include_pad', 0) !== 0;
  const x = node.float(0);
  const pool = poolWindowOf(node, x.shape);
  const images = asImages(node, x);
  return asGiven(node, averaged(node, images, pool, isPaddingCounted), x.shape);
};

function averaged(node: NodeReader, images: Value, pool: PoolWindow, countPadding: boolean): Value {
  const { window, isExtended, inImage, inPadded } = pool;
  const { strides, pads } = windowAttrs(window);
  const isDense = window.every(({ dilation }) => dilation === 1);
  const isInside = window.every((axis) => axis.before < axis.kernel && axis.after < axis.kernel);
  if (isDense && isInside && !(countPadding && isExtended)) {
    return node.op.avgPool2d(images, { kernel: kernelOf(window), strides, pads, countPadding });
  }
  const sums = windowSums(node, images, pool);
  const [vertical, horizontal] = countPadding ? inPadded : inImage;
  const shape = [1, 1, vertical.length, horizontal.length];
  spend(node, shape);
  const counts = vertical.flatMap((rows) => horizontal.map((columns) => rows * columns));
  const divisor = node.constant(hostTensor('float', shape, counts));
  return node.op.div(sums, node.op.broadcast(divisor, { shape: sums.shape }));
}

/** Sums each window, as a convolution of each channel with ones. `[N, C, H, W] -> [N, C, OH, OW]` */
export function windowSums(node: NodeReader, images: Value, { window }: PoolWindow): Value {
  const channels = dimOf(images.shape, 1);
  const ones = node.frame.scope.fill(1, [channels, 1, ...kernelOf(window)]);
  return node.op.conv2d(images, ones, { ...windowAttrs(window), groups: channels });
}
