// A filter with dilations as the larger filter without them that it stands for: zeros between its taps.
// `[KH, KW, C, K] -> [(KH - 1) * dilations[0] + 1, (KW - 1) * dilations[1] + 1, C, K]`
import type { Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';

export function dilated(tf: Tf, filter: Tensor4D, [down, across]: Pair): Tensor4D {
  if (down === 1 && across === 1) return filter;
  const [height, width, channels, outChannels] = filter.shape;
  const spread = tf.pad(tf.reshape(filter, [height, 1, width, 1, channels * outChannels]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const size = [(height - 1) * down + 1, (width - 1) * across + 1, channels, outChannels];
  const whole = spread.reshape<Tensor4D>([height * down, width * across, channels, outChannels]);
  return tf.slice(whole, [0, 0, 0, 0], size);
}
