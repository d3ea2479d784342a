// The maximum of each window. `x: [N, H, W, C] -> [N, OH, OW, C]`. The kernel, unlike tf.maxPool, takes pads of each side;
// it looks at what lies inside the image only, so padding never wins.
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';
import { explicitPad } from './conv2d.ts';

export function maxPool2d(tf: Tf, x: Tensor4D, { kernel, strides, pads }: MaxPool2dAttrs): Tensor4D {
  const attrs = { filterSize: [...kernel], strides: [...strides], pad: explicitPad(pads) };
  return tf.engine().runKernel('MaxPool', { x }, attrs);
}
