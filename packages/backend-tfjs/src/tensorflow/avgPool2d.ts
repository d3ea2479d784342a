// Average pooling and its gradient. TensorFlow's kernels do not accept pads, so the image is padded with zeros first. The kernels
// then count the padding. If the padding must not count, the means are scaled.
import type { AvgPool2dAttrs, Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { explicitPad } from '../portable/conv2d.ts';
import type { Tf } from '../tf.ts';
import { unpadded, windowed } from './native.ts';

/** Returns the mean of each window. `x: [N, H, W, C] -> [N, OH, OW, C]` */
export function avgPool2d(tf: Tf, x: Tensor4D, { pads, ...attrs }: AvgPool2dAttrs): Tensor4D {
  const [, height, width] = x.shape;
  const y = windowed(tf, 'AvgPool', [tf.pad(x, explicitPad(pads))], { ...attrs, pads: unpadded });
  return uncounted(tf, y, [height, width], { ...attrs, pads });
}

/**
 * Spreads each window's gradient evenly over its pixels. `dy: [N, OH, OW, C] -> [N, H, W, C]`. The gradient is computed for the
 * padded image, and the padding's part is cropped.
 */
export function avgPool2dGrad(tf: Tf, dy: Tensor4D, [height, width]: Pair, attrs: AvgPool2dAttrs): Tensor4D {
  const [top, left, bottom, right] = attrs.pads;
  const [n, , , channels] = dy.shape;
  const padded = tf.tensor1d([n, top + height + bottom, left + width + right, channels], 'int32');
  const inputs = [padded, uncounted(tf, dy, [height, width], attrs)];
  const dx = windowed(tf, 'AvgPoolGrad', inputs, { ...attrs, pads: unpadded });
  return tf.slice(dx, [0, top, left, 0], [n, height, width, channels]);
}

/** Scales means, or their gradients, by the window's size divided by the size of its part inside an image of `[H, W]`. */
function uncounted(tf: Tf, y: Tensor4D, [height, width]: Pair, attrs: AvgPool2dAttrs): Tensor4D {
  const { kernel, strides, pads, countPadding } = attrs;
  if (countPadding || pads.every((pad) => pad === 0)) return y;
  const [, outHeight, outWidth] = y.shape;
  const down = shares(outHeight, kernel[0], strides[0], pads[0], height);
  const across = shares(outWidth, kernel[1], strides[1], pads[1], width);
  const factors = down.flatMap((share) => across.map((other) => share * other));
  return tf.mul(y, tf.tensor4d(factors, [1, outHeight, outWidth, 1]));
}

/** Returns, along one axis and for every window, its size divided by the size of its part inside the image. */
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
