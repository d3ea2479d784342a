// Forward convolution, and helpers that the other kernels share.
import type { Pads, Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Conv2dGeometry } from '../context.ts';
import type { Tf } from '../tf.ts';

/**
 * `x: [N, H, W, C], w: [KH, KW, C, K] -> [N, OH, OW, K]`. Runs the kernel directly: tf.conv2d rejects strides combined with
 * dilations, although the kernels of both providers support that.
 */
export function conv2d(
  tf: Tf,
  x: Tensor4D,
  filter: Tensor4D,
  { strides, pads, dilations }: Conv2dGeometry,
): Tensor4D {
  const attrs = {
    strides: [...strides],
    pad: explicitPad(pads),
    dilations: [...dilations],
    dataFormat: 'NHWC',
  };
  return tf.engine().runKernel('Conv2D', { x, filter }, attrs);
}

/** Converts [top, left, bottom, right] to TensorFlow.js's padding of NHWC images. */
export function explicitPad([top, left, bottom, right]: Pads): [number, number][] {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/**
 * Returns the undilated filter that is equivalent to a dilated one: larger, with zeros between the taps.
 * `[KH, KW, C, K] -> [(KH - 1) * dilations[0] + 1, (KW - 1) * dilations[1] + 1, C, K]`
 */
export function dilated(tf: Tf, filter: Tensor4D, [down, across]: Pair): Tensor4D {
  if (down === 1 && across === 1) return filter;
  const [height, width, channels, outChannels] = filter.shape;
  const spread = tf.pad(tf.reshape(filter, [height, 1, width, 1, channels * outChannels]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const size = [(height - 1) * down + 1, (width - 1) * across + 1, channels, outChannels];
  const whole: Tensor4D = tf.reshape(spread, [height * down, width * across, channels, outChannels]);
  return tf.slice(whole, [0, 0, 0, 0], size);
}
