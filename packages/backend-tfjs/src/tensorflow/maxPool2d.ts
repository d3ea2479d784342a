// The maximum of each window; padding never wins. `x: [N, H, W, C] -> [N, OH, OW, C]`
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';
import { windowed } from './native.ts';

export function maxPool2d(tf: Tf, x: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D {
  return windowed(tf, 'MaxPool', [x], attrs);
}
