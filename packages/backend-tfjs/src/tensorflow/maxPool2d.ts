// Max pooling, its gradient and its gradient's gradient. `x: [N, H, W, C], y: [N, OH, OW, C]`
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { explicitPad } from '../portable/conv2d.ts';
import type { Tf } from '../tf.ts';
import { unpadded, windowed } from './native.ts';

/** Returns the maximum of each window. Padding never wins. */
export function maxPool2d(tf: Tf, x: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D {
  return windowed(tf, 'MaxPool', [x], attrs);
}

/**
 * Returns, for each window, the element of g at the position of x's first maximum. TensorFlow's kernel does not accept pads, so x
 * is padded with -Infinity.
 */
export function maxPool2dGather(
  tf: Tf,
  x: Tensor4D,
  y: Tensor4D,
  g: Tensor4D,
  { pads, ...attrs }: MaxPool2dAttrs,
): Tensor4D {
  const around = explicitPad(pads);
  const inputs = [tf.pad(x, around, -Infinity), y, tf.pad(g, around)];
  return windowed(tf, 'MaxPoolGradGrad', inputs, { ...attrs, pads: unpadded });
}

/** Adds each window's gradient at the position of the window's first maximum. */
export function maxPool2dGrad(
  tf: Tf,
  x: Tensor4D,
  y: Tensor4D,
  dy: Tensor4D,
  attrs: MaxPool2dAttrs,
): Tensor4D {
  return windowed(tf, 'MaxPoolGrad', [x, y, dy], attrs);
}
