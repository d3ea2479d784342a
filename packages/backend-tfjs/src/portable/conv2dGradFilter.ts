// The gradient of conv2d for its filter. `x: [N, H, W, C], dy: [N, OH, OW, K] -> [KH, KW, C, K]`
// It is a convolution, too, in which the channels of x are the batch, the samples of x are the channels, and dy is
// the filter. Strides and dilations are swapped. For a 1x1 convolution it is a matrix product.
import type { Pair } from '@isonet/core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Conv2dGeometry } from '../context.ts';
import type { Tf } from '../tf.ts';
import { conv2d } from './conv2d.ts';

export function conv2dGradFilter(
  tf: Tf,
  x: Tensor4D,
  dy: Tensor4D,
  [kernelHeight, kernelWidth]: Pair,
  attrs: Conv2dGeometry,
): Tensor4D {
  const [n, height, width, channels] = x.shape;
  const [, outHeight, outWidth, filters] = dy.shape;
  const { strides, dilations, pads } = attrs;
  const [top, left] = pads;
  // Merges the pixels into one axis, because wasm transposes three axes much faster than two or four.
  const pixels = tf.reshape(x, [n, height * width, channels]);
  if (isPointwise([kernelHeight, kernelWidth], attrs)) {
    const columns: Tensor2D = tf.reshape(tf.transpose(pixels, [2, 0, 1]), [channels, -1]);
    const gradients: Tensor2D = tf.reshape(dy, [-1, filters]);
    return tf.reshape(tf.matMul(columns, gradients), [1, 1, channels, filters]);
  }
  // Padding at the far ends, so that the result has at least the filter's positions. Further positions are sliced off.
  const far = (
    outputs: number,
    stride: number,
    kernel: number,
    dilation: number,
    size: number,
    near: number,
  ): number => Math.max(0, (outputs - 1) * stride + (kernel - 1) * dilation + 1 - size - near);
  const bottom = far(outHeight, strides[0], kernelHeight, dilations[0], height, top);
  const right = far(outWidth, strides[1], kernelWidth, dilations[1], width, left);
  const swapped = { strides: dilations, dilations: strides, pads: [top, left, bottom, right] } as const;
  const images: Tensor4D = tf.reshape(tf.transpose(pixels, [2, 1, 0]), [channels, height, width, n]);
  const positions = tf.transpose(tf.reshape(dy, [n, outHeight * outWidth, filters]), [1, 0, 2]);
  const filter: Tensor4D = tf.reshape(positions, [outHeight, outWidth, n, filters]);
  const dw = conv2d(tf, images, filter, swapped);
  return tf.transpose(tf.slice(dw, [0, 0, 0, 0], [-1, kernelHeight, kernelWidth, -1]), [1, 2, 0, 3]);
}

function isPointwise(kernel: Pair, { strides, pads }: Conv2dGeometry): boolean {
  return [...kernel, ...strides].every((n) => n === 1) && pads.every((pad) => pad === 0);
}
