// From each window, g where x has its first maximum. `x, g: [N, H, W, C], yShape: [N, OH, OW, C] -> yShape`
// Loops over host memory; TensorFlow.js has no kernel for it.
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';
import { firstMaximum, forEachWindow } from './windows.ts';

export function maxPool2dGather(
  tf: Tf,
  x: Tensor4D,
  g: Tensor4D,
  yShape: Tensor4D['shape'],
  attrs: MaxPool2dAttrs,
): Tensor4D {
  const [, , width, channels] = x.shape;
  const values = x.dataSync<'float32'>();
  const picked = g.dataSync<'float32'>();
  const y = new Float32Array(yShape.reduce((product, dim) => product * dim, 1));
  const steps = { down: width * channels, across: channels };
  let window = 0;
  forEachWindow(x.shape, yShape, attrs, (start, rows, columns) => {
    for (let c = 0; c < channels; c++) {
      y[window++] = picked[firstMaximum(values, start + c, rows, columns, steps)]!;
    }
  });
  return tf.tensor4d(y, yShape);
}
