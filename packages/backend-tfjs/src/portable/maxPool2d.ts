// Max pooling, its gradient and its gradient's gradient. `x: [N, H, W, C], y: [N, OH, OW, C]`
import type { MaxPool2dAttrs } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';
import { explicitPad } from './conv2d.ts';
import { firstMaximum, forEachWindow } from './windows.ts';

/**
 * Returns the maximum of each window. Unlike tf.maxPool, the kernel accepts separate pads for each side. It reads only pixels
 * inside the image, so padding never wins.
 */
export function maxPool2d(tf: Tf, x: Tensor4D, { kernel, strides, pads }: MaxPool2dAttrs): Tensor4D {
  const attrs = { filterSize: [...kernel], strides: [...strides], pad: explicitPad(pads) };
  return tf.engine().runKernel('MaxPool', { x }, attrs);
}

/**
 * Returns, for each window, the element of g at the position of x's first maximum. It loops over host memory, because
 * TensorFlow.js has no kernel for it.
 */
export function maxPool2dGather(
  tf: Tf,
  x: Tensor4D,
  g: Tensor4D,
  yShape: Tensor4D['shape'],
  attrs: MaxPool2dAttrs,
): Tensor4D {
  const [, , width, channels] = x.shape;
  const values = x.dataSync<'float32'>();
  const picked = g.dataSync<'float32'>();
  const y = new Float32Array(sizeOf(yShape));
  const steps = { down: width * channels, across: channels };
  let window = 0;
  forEachWindow(x.shape, yShape, attrs, (start, rows, columns) => {
    for (let c = 0; c < channels; c++) {
      y[window++] = picked[firstMaximum(values, start + c, rows, columns, steps)]!;
    }
  });
  return tf.tensor4d(y, yShape);
}

/**
 * Adds each window's gradient at the position of the window's first maximum. It loops over host memory, because
 * wasm's own kernel is wrong for windows whose maximum is not positive.
 */
export function maxPool2dGrad(tf: Tf, x: Tensor4D, dy: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D {
  const [, , width, channels] = x.shape;
  const values = x.dataSync<'float32'>();
  const gradients = dy.dataSync<'float32'>();
  const dx = new Float32Array(values.length);
  const steps = { down: width * channels, across: channels };
  let window = 0;
  forEachWindow(x.shape, dy.shape, attrs, (start, rows, columns) => {
    for (let c = 0; c < channels; c++) {
      dx[firstMaximum(values, start + c, rows, columns, steps)]! += gradients[window++]!;
    }
  });
  return tf.tensor4d(dx, x.shape);
}
