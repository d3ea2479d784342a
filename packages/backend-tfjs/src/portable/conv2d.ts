// Convolution forward. `x: [N, H, W, C], w: [KH, KW, C, K] -> [N, OH, OW, K]`
import type { Conv2dAttrs, Pads } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';

type Geometry = Omit<Conv2dAttrs, 'groups'>;

/** The kernel itself: tf.conv2d refuses strides and dilations together, which both providers compute. */
export function conv2d(
  tf: Tf,
  x: Tensor4D,
  filter: Tensor4D,
  { strides, pads, dilations }: Geometry,
): Tensor4D {
  const attrs = {
    strides: [...strides],
    pad: explicitPad(pads),
    dilations: [...dilations],
    dataFormat: 'NHWC',
  };
  return tf.engine().runKernel('Conv2D', { x, filter }, attrs);
}

/** [top, left, bottom, right] as TensorFlow.js writes padding of NHWC. */
export function explicitPad([top, left, bottom, right]: Pads): [number, number][] {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
