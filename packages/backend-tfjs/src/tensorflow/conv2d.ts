// Convolution forward. `x: [N, H, W, C], w: [KH, KW, C, K] -> [N, OH, OW, K]`
// Two things that TensorFlow 2.18 gets wrong on the cpu are kept from it. Where no tap of any window meets the image, it dies
// of a segmentation fault: unless the pads exclude that, the image is padded first. And strides that differ give wrong
// numbers on a single channel: all windows are computed then, and some picked.
import type { Conv2dAttrs, Pads } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import { explicitPad } from '../portable/conv2d.ts';
import type { Tf } from '../tf.ts';
import { windowed } from './native.ts';

const none: Pads = [0, 0, 0, 0];

export function conv2d(
  tf: Tf,
  x: Tensor4D,
  w: Tensor4D,
  { strides, pads, dilations }: Conv2dAttrs,
): Tensor4D {
  const dense = dilations.every((dilation) => dilation === 1);
  const meets = dense && pads.every((pad, side) => pad < (w.shape[side % 2] ?? 0));
  const [image, left] = meets ? [x, pads] : [tf.pad(x, explicitPad(pads)), none];
  const [down, across] = strides;
  if (down === across) return windowed(tf, 'Conv2D', [image, w], { strides, pads: left, dilations });
  const y = windowed(tf, 'Conv2D', [image, w], { strides: [1, 1], pads: left, dilations });
  return y.stridedSlice([0, 0, 0, 0], y.shape, [1, down, across, 1]) as Tensor4D;
}
