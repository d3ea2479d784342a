// The gradient of conv2d for its input. `dy: [N, OH, OW, K], w: [KH, KW, C, K] -> [N, H, W, C]`
// TensorFlow's kernel has no dilations on the cpu; a dilated filter is written out as the larger one that it stands for.
import type { Conv2dAttrs, Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import { dilated } from '../portable/dilated.ts';
import type { Tf } from '../tf.ts';
import { windowed } from './native.ts';

export function conv2dGradInput(
  tf: Tf,
  dy: Tensor4D,
  w: Tensor4D,
  [height, width]: Pair,
  { dilations, ...attrs }: Conv2dAttrs,
): Tensor4D {
  const filter = dilated(tf, w, dilations);
  const shape = tf.tensor1d([dy.shape[0], height, width, filter.shape[2]], 'int32');
  return windowed(tf, 'Conv2DBackpropInput', [shape, filter, dy], attrs);
}
