// Several ops together, as in networks: the patterns that backends fuse, and graphs that a wrong fusion or layout would break.
import { int32 } from '@isonet/core';
import { bounded, type Case, exact, kinked } from '../case/case.ts';
import { integers, reals } from '../case/data.ts';
import { plain } from './convolutions.ts';

const operands = { x: integers('x', [2, 3, 8, 8]), w: integers('w', [5, 3, 3, 3], -2, 2) };
const biased = { ...operands, bias: integers('bias', [5]) };
const padded = { ...plain, pads: [1, 1, 1, 1] } as const;
const halving = { kernel: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0] } as const;

export const combinations: readonly Case[] = [
  exact('combination/conv-bias', biased, (op, { x, w, bias }) => op.biasAdd(op.conv2d(x, w, plain), bias)),
  exact(
    'combination/conv-bias-relu',
    biased,
    (op, { x, w, bias }) => op.relu(op.biasAdd(op.conv2d(x, w, padded), bias)),
    kinked,
  ),
  exact(
    'combination/conv-bias-relu-pool',
    biased,
    (op, { x, w, bias }) => op.maxPool2d(op.relu(op.biasAdd(op.conv2d(x, w, padded), bias)), halving),
    kinked,
  ),
  exact(
    'combination/conv-pool-without-relu',
    operands,
    (op, { x, w }) => op.maxPool2d(op.conv2d(x, w, padded), { ...halving, pads: [1, 1, 1, 1] }),
    kinked,
  ),
  exact(
    'combination/zeros-around-a-pool',
    { x: integers('x', [2, 3, 6, 6], -9, -1) },
    (op, { x }) => {
      const sides = [0, 0, 1, 1];
      return op.maxPool2d(op.pad(x, { before: sides, after: sides, value: 0 }), halving);
    },
    kinked,
  ),
  exact('combination/conv-read-twice', biased, (op, { x, w, bias }) => {
    const y = op.conv2d(x, w, padded);
    return op.mul(op.biasAdd(y, bias), y);
  }),
  exact(
    'combination/relu-and-its-input',
    operands,
    (op, { x, w }) => {
      const y = op.conv2d(x, w, padded);
      return [op.relu(y), y];
    },
    kinked,
  ),
  exact(
    'combination/residual',
    { x: integers('x', [2, 3, 5, 5]), w: integers('w', [3, 3, 3, 3], -2, 2) },
    (op, { x, w }) => op.relu(op.add(op.conv2d(x, w, padded), x)),
    kinked,
  ),
  exact(
    'combination/one-filter-for-two-images',
    { x: operands.x, z: integers('z', [1, 3, 5, 4]), w: operands.w },
    (op, { x, z, w }) => [op.conv2d(x, w, padded), op.conv2d(z, w, padded)],
  ),
  exact(
    'combination/network-in-network',
    {
      x: integers('x', [2, 1, 9, 9], 0, 3),
      w1: integers('w1', [4, 1, 3, 3], -1, 1),
      w2: integers('w2', [5, 4, 1, 1], -1, 1),
      b2: integers('b2', [5]),
      w3: integers('w3', [3, 5, 2, 2], -1, 1),
    },
    (op, { x, w1, w2, b2, w3 }) => {
      const first = op.relu(op.conv2d(x, w1, { ...padded, strides: [2, 2] }));
      const second = op.relu(op.biasAdd(op.conv2d(first, w2, plain), b2));
      return op.conv2d(op.maxPool2d(second, { ...halving, strides: [1, 1] }), w3, plain);
    },
    kinked,
  ),
  // Three of the four parallel paths of an Inception block, joined along the channels (Szegedy et al. 2014, figure 2b).
  exact(
    'combination/inception',
    {
      x: integers('x', [2, 3, 5, 5], 0, 2),
      w1: integers('w1', [2, 3, 1, 1], -1, 1),
      w2a: integers('w2a', [3, 3, 1, 1], -1, 1),
      w2b: integers('w2b', [4, 3, 3, 3], -1, 1),
      w4: integers('w4', [1, 3, 1, 1], -1, 1),
    },
    (op, { x, w1, w2a, w2b, w4 }) => {
      const p1 = op.relu(op.conv2d(x, w1, plain));
      const p2 = op.relu(op.conv2d(op.relu(op.conv2d(x, w2a, plain)), w2b, padded));
      const pooled = op.maxPool2d(x, { ...halving, strides: [1, 1], pads: [1, 1, 1, 1] });
      return op.concat(p1, p2, op.relu(op.conv2d(pooled, w4, plain)), { axis: 1 });
    },
    kinked,
  ),
  // Each map of a convolution is multiplied by its own transpose; rows of the products are gathered and convolved again.
  exact(
    'combination/products-of-maps',
    {
      x: integers('x', [2, 3, 5, 4], -2, 2),
      w1: integers('w1', [6, 3, 2, 2], -1, 1),
      rows: int32([3], [3, 0, 2]),
      w2: integers('w2', [2, 6, 2, 1], -1, 1),
    },
    (op, { x, w1, rows, w2 }) => {
      const maps = op.reshape(op.conv2d(x, w1, plain), { shape: [12, 4, 3] });
      const products = op.batchMatMul(maps, maps, { transposeA: false, transposeB: true });
      const images = op.reshape(products, { shape: [2, 6, 4, 4] });
      return op.conv2d(op.gather(images, rows, { axis: 2 }), w2, plain);
    },
  ),
  exact(
    'combination/concat-of-a-concat',
    { x: operands.x, y: integers('y', [2, 1, 8, 8]) },
    (op, { x, y }) => {
      const inner = op.concat(x, y, { axis: 1 });
      return op.mul(op.concat(y, inner, { axis: 1 }), op.concat(inner, y, { axis: 1 }));
    },
  ),
  exact(
    'combination/flatten-dense',
    { x: integers('x', [3, 2, 2, 3]), w: integers('w', [4, 12]), bias: integers('b', [4]) },
    (op, { x, w, bias }) => op.dense(op.reshape(x, { shape: [3, 12] }), w, bias),
  ),
  bounded(
    'combination/conv-batchNorm-relu',
    {
      x: reals('x', [2, 1, 3, 3]),
      w: reals('w', [4, 1, 2, 2], -2, 2),
      scale: reals('scale', [4], 0.5, 1),
      bias: reals('bias', [4]),
    },
    (op, { x, w, scale, bias }) => {
      const [y, ...statistics] = op.batchNorm(op.conv2d(x, w, plain), scale, bias, { epsilon: 1e-3 });
      return [op.relu(y), ...statistics];
    },
  ),
  bounded(
    'combination/conv-batchNormInference-relu',
    {
      x: reals('x', [2, 2, 4, 4]),
      w: reals('w', [3, 2, 3, 3]),
      scale: reals('scale', [3], 0.5, 1),
      bias: reals('bias', [3]),
      mean: reals('mean', [3]),
      variance: reals('variance', [3], 1, 2),
    },
    (op, { x, w, scale, bias, mean, variance }) =>
      op.relu(op.batchNormInference(op.conv2d(x, w, plain), scale, bias, mean, variance, { epsilon: 1e-3 })),
  ),
  bounded(
    'combination/classifier',
    {
      x: reals('x', [6, 1, 2, 2], 0, 1),
      w: reals('w', [4, 1, 1, 2], -3, 3),
      bias: reals('bias', [4]),
      target: reals('target', [6, 4], 0, 1),
    },
    (op, { x, w, bias, target }) => {
      const channels = op.globalAvgPool2d(op.relu(op.biasAdd(op.conv2d(x, w, plain), bias)));
      return op.softmaxCrossEntropy(op.reshape(channels, { shape: [6, 4] }), target);
    },
  ),
];
