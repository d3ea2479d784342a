// The mean of each window. `x: [N, H, W, C] -> [N, OH, OW, C]`
// TensorFlow's kernel takes no pads: the image is padded with zeros first. That counts them; where they must not count, the
// means are scaled.
import type { Pads, Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { AvgPool2dAttrs } from '../context.ts';
import { explicitPad } from '../portable/conv2d.ts';
import type { Tf } from '../tf.ts';
import { windowed } from './native.ts';

export const unpadded: Pads = [0, 0, 0, 0];

export function avgPool2d(tf: Tf, x: Tensor4D, { pads, ...attrs }: AvgPool2dAttrs): Tensor4D {
  const [, height, width] = x.shape;
  const y = windowed(tf, 'AvgPool', [tf.pad(x, explicitPad(pads))], { ...attrs, pads: unpadded });
  return uncounted(tf, y, [height, width], { ...attrs, pads });
}

/** Windows' means or their gradients, times the window's size, over its part inside an image of `[H, W]`. */
export function uncounted(tf: Tf, y: Tensor4D, [height, width]: Pair, attrs: AvgPool2dAttrs): Tensor4D {
  const { kernel, strides, pads, countPadding } = attrs;
  if (countPadding || pads.every((pad) => pad === 0)) return y;
  const [, outHeight, outWidth] = y.shape;
  const down = shares(outHeight, kernel[0], strides[0], pads[0], height);
  const across = shares(outWidth, kernel[1], strides[1], pads[1], width);
  const factors = down.flatMap((share) => across.map((other) => share * other));
  return tf.mul(y, tf.tensor4d(factors, [1, outHeight, outWidth, 1]));
}

/** Along one axis, for every window: its size over that of its part inside. */
function shares(
  outputs: number,
  kernel: number,
  stride: number,
  pad: number,
  size: number,
): readonly number[] {
  return Array.from({ length: outputs }, (_, i) => {
    const start = i * stride - pad;
    return kernel / (Math.min(size, start + kernel) - Math.max(0, start));
  });
}
