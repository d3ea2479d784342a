// Convolution and its gradients. `x: [N, H, W, C], w: [KH, KW, C, K], y: [N, OH, OW, K]`
import type { Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Conv2dGeometry } from '../context.ts';
import { dilated, explicitPad } from '../portable/conv2d.ts';
import type { Tf } from '../tf.ts';
import { unpadded, windowed } from './native.ts';

/**
 * Computes the forward convolution, and works around two bugs of TensorFlow 2.18 on the CPU. First, if no tap of some
 * window is inside the image, it crashes with a segmentation fault; so the image is padded first, unless the pads are
 * too small for that. Second, unequal strides produce wrong results on a single channel; so all windows are computed,
 * and then subsampled.
 */
export function conv2d(
  tf: Tf,
  x: Tensor4D,
  w: Tensor4D,
  { strides, pads, dilations }: Conv2dGeometry,
): Tensor4D {
  const dense = dilations.every((dilation) => dilation === 1);
  const [kernelHeight, kernelWidth] = w.shape;
  const [top, left, bottom, right] = pads;
  const padsAreSafe = dense && Math.max(top, bottom) < kernelHeight && Math.max(left, right) < kernelWidth;
  const [image, around] = padsAreSafe ? [x, pads] : [tf.pad(x, explicitPad(pads)), unpadded];
  const [down, across] = strides;
  if (down === across) return windowed(tf, 'Conv2D', [image, w], { strides, pads: around, dilations });
  const y = windowed(tf, 'Conv2D', [image, w], { strides: [1, 1], pads: around, dilations });
  return tf.stridedSlice(y, [0, 0, 0, 0], y.shape, [1, down, across, 1]) as Tensor4D;
}

/**
 * Computes the gradient for the filter. TensorFlow's CPU kernel does not support dilations, so this computes the
 * gradient of the equivalent undilated filter and keeps the taps of the dilated one.
 */
export function conv2dGradFilter(
  tf: Tf,
  x: Tensor4D,
  dy: Tensor4D,
  [height, width]: Pair,
  { dilations, ...attrs }: Conv2dGeometry,
): Tensor4D {
  const [down, across] = dilations;
  const shape = [(height - 1) * down + 1, (width - 1) * across + 1, x.shape[3], dy.shape[3]];
  const dw = windowed(tf, 'Conv2DBackpropFilter', [x, tf.tensor1d(shape, 'int32'), dy], attrs);
  return down === 1 && across === 1
    ? dw
    : (tf.stridedSlice(dw, [0, 0, 0, 0], shape, [down, across, 1, 1]) as Tensor4D);
}

/**
 * Computes the gradient for the input. TensorFlow's CPU kernel does not support dilations, so a dilated filter is
 * expanded to the equivalent undilated one.
 */
export function conv2dGradInput(
  tf: Tf,
  dy: Tensor4D,
  w: Tensor4D,
  [height, width]: Pair,
  { dilations, ...attrs }: Conv2dGeometry,
): Tensor4D {
  const filter = dilated(tf, w, dilations);
  const shape = tf.tensor1d([dy.shape[0], height, width, filter.shape[2]], 'int32');
  return windowed(tf, 'Conv2DBackpropInput', [shape, filter, dy], attrs);
}
