// A small network with layers that rivals pad, lay out and fuse in different ways.
import type { ImageClassifier } from '@isonet/core';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPool2d,
  parallel,
  relu,
  sequential,
} from '@isonet/core';

/**
 * Images with odd sizes and several channels; convolutions with and without bias and ReLU; pools of negative values with padding
 * on both sides or on one; a concatenation; an image that is flattened before a dense layer.
 */
export const tiny: ImageClassifier = {
  name: 'tiny',
  input: { name: 'images', shape: [2, 9, 12] },
  output: { name: 'logits', shape: [4] },
  layer: sequential({
    // 8 channels: with 6, ONNX Runtime 1.30 on WebGPU computes wrong values in the next convolution.
    c1: conv2d(8, { kernel: 3, stride: 2, padding: 1 }),
    max: maxPool2d({ kernel: 3, stride: 1, padding: 1 }),
    sides: parallel({
      a: sequential({
        c: conv2d(4, { kernel: [3, 1], padding: [1, 0, 1, 0] }),
        bn: batchNorm({ momentum: 0.8 }),
      }),
      b: conv2d(3, { kernel: 1, bias: false, activation: 'relu' }),
    }),
    up: maxPool2d({ kernel: 2, padding: [0, 0, 1, 1] }),
    relu: relu(),
    mean: avgPool2d({ kernel: 2, stride: 1 }),
    drop: dropout(0),
    flatten: flatten(),
    fc: dense(4),
  }),
};
