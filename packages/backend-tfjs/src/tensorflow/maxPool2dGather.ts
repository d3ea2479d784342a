// From each window, g where x has its first maximum. `x, g: [N, H, W, C], y: [N, OH, OW, C] -> [N, OH, OW, C]`
// TensorFlow's kernel takes no pads: x is padded by what is no maximum.
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import { explicitPad } from '../portable/conv2d.ts';
import type { Tf } from '../tf.ts';
import { unpadded } from './avgPool2d.ts';
import { windowed } from './native.ts';

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
