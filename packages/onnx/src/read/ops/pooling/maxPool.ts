// MaxPool: operator set 1 and later, without its second output, the indices.
import type { Value } from '@isonet/core';
import { dimOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Sliding, Window } from '../convolution/window.ts';
import { asGiven, asImages, kernelOf, reachOf, windowAttrs } from '../convolution/window.ts';
import { poolWindowOf } from './window.ts';

/** Never a maximum: the least float32. Not every backend takes an infinity as a constant. */
const LEAST = -3.4028234663852886e38;

export const MaxPool: ReadOp = (node) => {
  node.attributes.ignore('storage_order'); // Of the indices.
  const x = node.float(0);
  const { window } = poolWindowOf(node, x.shape);
  const images = asImages(node, x);
  const isDense = window.every(({ dilation }) => dilation === 1);
  const isInside = window.every(({ kernel, before, after }) => before < kernel && after < kernel);
  const y = isDense && isInside ? pooled(node, images, window) : pooledInSteps(node, images, window);
  return asGiven(node, y, x.shape);
};

function pooled({ op }: NodeReader, images: Value, window: Window): Value {
  const { strides, pads } = windowAttrs(window);
  return op.maxPool2d(images, { kernel: kernelOf(window), strides, pads });
}

/** What the graph's own op does not take: dilations, and as much padding as the kernel is large. Rows are pooled, then columns. */
function pooledInSteps(node: NodeReader, images: Value, [vertical, horizontal]: Window): Value {
  const padded = node.op.pad(images, {
    before: [0, 0, vertical.before, horizontal.before],
    after: [0, 0, vertical.after, horizontal.after],
    value: LEAST,
  });
  return pooledAlong(node, pooledAlong(node, padded, horizontal, 3), vertical, 2);
}

/** Along one axis of images that are padded already. */
function pooledAlong(node: NodeReader, images: Value, sliding: Sliding, axis: 2 | 3): Value {
  const { op } = node;
  const { kernel, stride, dilation } = sliding;
  const pair = (size: number): readonly [number, number] => (axis === 2 ? [size, 1] : [1, size]);
  const pads = [0, 0, 0, 0] as const;
  if (dilation === 1) return op.maxPool2d(images, { kernel: pair(kernel), strides: pair(stride), pads });
  // Every dilation-th pixel belongs to one window: [..., H, ...] as [..., H / dilation, dilation, ...], pooled along the former.
  const windows = Math.floor((dimOf(images.shape, axis) - reachOf(sliding)) / stride) + 1;
  const used = (windows - 1) * stride + reachOf(sliding);
  const blocks = Math.ceil(used / dilation);
  const fitted = resized(node, images, axis, blocks * dilation);
  const [n, c, height, width] = fitted.shape as readonly [number, number, number, number];
  const split = axis === 2 ? [n, c, blocks, dilation, width] : [n, c, height, blocks, dilation];
  const order = axis === 2 ? [0, 1, 3, 2, 4] : [0, 1, 4, 2, 3];
  const apart = op.transpose(op.reshape(fitted, { shape: split }), { permutation: order });
  const [, , , rows, columns] = apart.shape as readonly [number, number, number, number, number];
  const phases = op.reshape(apart, { shape: [n, c * dilation, rows, columns] });
  const dense = op.maxPool2d(phases, { kernel: pair(kernel), strides: [1, 1], pads });
  const rest = blocks - kernel + 1;
  const back = op.transpose(
    op.reshape(dense, { shape: axis === 2 ? [n, c, dilation, rest, width] : [n, c, dilation, height, rest] }),
    { permutation: axis === 2 ? [0, 1, 3, 2, 4] : [0, 1, 3, 4, 2] },
  );
  const joined = op.reshape(back, {
    shape: axis === 2 ? [n, c, rest * dilation, width] : [n, c, height, rest * dilation],
  });
  const all = resized(node, joined, axis, (windows - 1) * stride + 1);
  return stride === 1 ? all : op.maxPool2d(all, { kernel: [1, 1], strides: pair(stride), pads });
}

/** Cut or padded at the end of an axis. */
function resized({ op }: NodeReader, images: Value, axis: number, size: number): Value {
  const { shape } = images;
  const has = dimOf(shape, axis);
  const none = shape.map(() => 0);
  if (has > size) return op.slice(images, { starts: none, sizes: shape.with(axis, size) });
  return has === size
    ? images
    : op.pad(images, { before: none, after: none.with(axis, size - has), value: LEAST });
}
