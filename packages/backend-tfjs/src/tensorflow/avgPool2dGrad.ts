// Spreads each window's gradient evenly over what it averaged. `dy: [N, OH, OW, C] -> [N, H, W, C]`
// Of the padded image, for TensorFlow's kernel takes no pads; the padding's gradient is cut off.
import type { Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { AvgPool2dAttrs } from '../context.ts';
import type { Tf } from '../tf.ts';
import { uncounted, unpadded } from './avgPool2d.ts';
import { windowed } from './native.ts';

export function avgPool2dGrad(tf: Tf, dy: Tensor4D, [height, width]: Pair, attrs: AvgPool2dAttrs): Tensor4D {
  const [top, left, bottom, right] = attrs.pads;
  const [n, , , channels] = dy.shape;
  const padded = tf.tensor1d([n, top + height + bottom, left + width + right, channels], 'int32');
  const inputs = [padded, uncounted(tf, dy, [height, width], attrs)];
  const dx = windowed(tf, 'AvgPoolGrad', inputs, { ...attrs, pads: unpadded });
  return tf.slice(dx, [0, top, left, 0], [n, height, width, channels]);
}
