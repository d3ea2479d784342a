// MaxPool: operator set 1 and later.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import type { Sliding, Window } from '../convolution/window.ts';
import { asGiven, asImages, kernelOf, reachOf, windowAttrs } from '../convolution/window.ts';
import { poolWindowOf } from './window.ts';

/** Never a maximum: the least float32. Not every backend takes an infinity as a constant. */
const LEAST = -3.4028234663852886e38;

export const MaxPool: ReadOp = (node) => {
  const isByColumns = node.attributes.int('storage_order', 0) !== 0; // Of the indices.
  const isInt = node.kind(0) === 'int';
  // Of integers ONNX pools 8 bits only, which floats hold.
  const x = isInt ? node.op.cast(node.value(0), { to: 'float32' }) : node.float(0);
  const { window } = poolWindowOf(node, x.shape);
  const images = asImages(node, x);
  const given = (values: Value): Value => {
    const own = asGiven(node, values, x.shape);
    return isInt ? node.op.cast(own, { to: 'int32' }) : own;
  };
  const isDense = window.every(({ dilation }) => dilation === 1);
  const isInside = window.every(({ kernel, before, after }) => before < kernel && after < kernel);
  if (!isDense || !isInside) return given(pooledInSteps(node, images, window));
  const y = pooled(node, images, window);
  const [, places] = node.outputNames;
  // A float32 holds no larger index.
  const isPlaced = places !== undefined && places !== '' && sizeOf(x.shape) <= 2 ** 24;
  const indices = isPlaced ? [asGiven(node, indicesOf(node, images, y, window, isByColumns), x.shape)] : [];
  return [given(y), ...indices];
};

/** Where in x each maximum is, the first of a window in row-major order: int32 `[N, C, OH, OW]`. */
function indicesOf(node: NodeReader, images: Value, y: Value, window: Window, isByColumns: boolean): Value {
  const { op } = node;
  const { shape } = images;
  const [n, c, height, width] = shape as readonly [number, number, number, number];
  const planes = Array.from({ length: n * c }, (_, plane) => plane * height * width);
  const pixels = Array.from({ length: height * width }, (_, i) =>
    isByColumns ? (i % width) * height + Math.floor(i / width) : i,
  );
  const repeated = (data: readonly number[], own: readonly number[]): Value =>
    op.broadcast(node.constant(hostTensor('float', own, data)), { shape });
  const places = op.add(repeated(planes, [n, c, 1, 1]), repeated(pixels, [1, 1, height, width]));
  const { strides, pads } = windowAttrs(window);
  const picked = op.maxPool2dGather(images, y, places, { kernel: kernelOf(window), strides, pads });
  return op.cast(picked, { to: 'int32' });
}

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
