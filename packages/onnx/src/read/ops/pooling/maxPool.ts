// MaxPool: operator set 1 and later.
import type { Shape, Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { IndexedMaxPool, NodeReader, ReadOp } from '../../node.ts';
import type { Sliding, Window } from '../convolution/window.ts';
import { asGiven, asImages, kernelOf, reachOf, windowAttrs } from '../convolution/window.ts';
import { shaped } from '../arithmetic.ts';
import { poolWindowOf } from './window.ts';

/** The lowest finite float32, as padding that never wins. Not every backend accepts an infinite constant. */
const LOWEST = -3.4028234663852886e38;

export const MaxPool: ReadOp = (node) => {
  const isByColumns = node.attributes.int('storage_order', 0) !== 0; // Affects only the indices.
  const isInt = node.kind(0) === 'int';
  // ONNX pools only 8-bit integers, which floats represent exactly.
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
  const { strides, pads } = windowAttrs(window);
  const attrs = { kernel: kernelOf(window), strides, pads };
  const y = node.op.maxPool2d(images, attrs);
  const [, indicesName] = node.outputNames;
  // A float32 cannot represent larger indices exactly.
  if (indicesName === undefined || indicesName === '' || sizeOf(x.shape) > 2 ** 24) return given(y);
  const indices = asGiven(node, indicesOf(node, { x: images, y, attrs }, isByColumns), x.shape);
  if (!isByColumns) node.frame.poolOfIndices.set(indices, { x: images, y, attrs });
  return [given(y), indices];
};

/** Returns the index in x of each window's first maximum in row-major order, as int32 `[N, C, OH, OW]`. */
function indicesOf(node: NodeReader, { x, y, attrs }: IndexedMaxPool, isByColumns: boolean): Value {
  const { op } = node;
  const { shape } = x;
  const [n, c, height, width] = shape as readonly [number, number, number, number];
  for (const counted of [
    [n, c],
    [height, width],
  ])
    spend(node, counted);
  const planes = Array.from({ length: n * c }, (_, plane) => plane * height * width);
  const pixels = Array.from({ length: height * width }, (_, i) =>
    isByColumns ? (i % width) * height + Math.floor(i / width) : i,
  );
  const repeated = (data: readonly number[], own: Shape): Value =>
    op.broadcast(node.constant(hostTensor('float', own, data)), { shape });
  const indices = op.add(repeated(planes, [n, c, 1, 1]), repeated(pixels, [1, 1, height, width]));
  return op.cast(op.maxPool2dGather(x, y, indices, attrs), { to: 'int32' });
}

/**
 * Pools along the rows, then along the columns. Used for dilations and for padding at least as large as the kernel: the
 * graph's op supports neither.
 */
function pooledInSteps(node: NodeReader, images: Value, [vertical, horizontal]: Window): Value {
  const { op } = node;
  const padded = op.pad(images, {
    before: [0, 0, vertical.before, horizontal.before],
    after: [0, 0, vertical.after, horizontal.after],
    value: LOWEST,
  });
  const turned = (x: Value): Value => op.transpose(x, { permutation: [0, 1, 3, 2] });
  return pooledDown(node, turned(pooledDown(node, turned(padded), horizontal)), vertical);
}

/** Pools each column of padded images. `[N, C, H, W] -> [N, C, OH, W]` */
function pooledDown(node: NodeReader, images: Value, sliding: Sliding): Value {
  const { op } = node;
  const { kernel, stride, dilation } = sliding;
  const pads = [0, 0, 0, 0] as const;
  if (dilation === 1) return op.maxPool2d(images, { kernel: [kernel, 1], strides: [stride, 1], pads });
  // A window reads every dilation-th row. Blocks of `dilation` rows, laid side by side, make the window dense.
  const [n, c, height, width] = images.shape as readonly [number, number, number, number];
  const windows = Math.floor((height - reachOf(sliding)) / stride) + 1;
  const blocks = Math.ceil(((windows - 1) * stride + reachOf(sliding)) / dilation);
  const fitted = withRows(node, images, blocks * dilation);
  const sideBySide = shaped(node, fitted, [n, c, blocks, dilation * width]);
  const dense = op.maxPool2d(sideBySide, { kernel: [kernel, 1], strides: [1, 1], pads });
  const rows = shaped(node, dense, [n, c, (blocks - kernel + 1) * dilation, width]);
  const used = withRows(node, rows, (windows - 1) * stride + 1);
  return stride === 1 ? used : op.maxPool2d(used, { kernel: [1, 1], strides: [stride, 1], pads });
}

/** Crops or pads images at the bottom to `count` rows. */
function withRows({ op }: NodeReader, images: Value, count: number): Value {
  const { shape } = images;
  const missing = count - dimOf(shape, 2);
  if (missing < 0) return op.slice(images, { starts: [0, 0, 0, 0], sizes: shape.with(2, count) });
  return missing === 0
    ? images
    : op.pad(images, { before: [0, 0, 0, 0], after: [0, 0, missing, 0], value: LOWEST });
}
