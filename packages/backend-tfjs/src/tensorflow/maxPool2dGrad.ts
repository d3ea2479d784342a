// Sends each window's gradient to its first maximum. `x: [N, H, W, C], y, dy: [N, OH, OW, C] -> [N, H, W, C]`
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';
import { windowed } from './native.ts';

export function maxPool2dGrad(
  tf: Tf,
  x: Tensor4D,
  y: Tensor4D,
  dy: Tensor4D,
  attrs: MaxPool2dAttrs,
): Tensor4D {
  return windowed(tf, 'MaxPoolGrad', [x, y, dy], attrs);
}
