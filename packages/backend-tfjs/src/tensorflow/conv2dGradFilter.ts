// The gradient of conv2d for its filter. `x: [N, H, W, C], dy: [N, OH, OW, K] -> [KH, KW, C, K]`
// TensorFlow's kernel has no dilations on the cpu: the gradient of the larger filter that a dilated one stands for is
// computed, and the taps that exist are picked out of it.
import type { Conv2dAttrs, Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';
import { windowed } from './native.ts';

export function conv2dGradFilter(
  tf: Tf,
  x: Tensor4D,
  dy: Tensor4D,
  [height, width]: Pair,
  { dilations, ...attrs }: Conv2dAttrs,
): Tensor4D {
  const [down, across] = dilations;
  const shape = [(height - 1) * down + 1, (width - 1) * across + 1, x.shape[3], dy.shape[3]];
  const dw = windowed(tf, 'Conv2DBackpropFilter', [x, tf.tensor1d(shape, 'int32'), dy], attrs);
  return down === 1 && across === 1
    ? dw
    : (dw.stridedSlice([0, 0, 0, 0], shape, [down, across, 1, 1]) as Tensor4D);
}
