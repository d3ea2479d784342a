// Sends each window's gradient to its first maximum. `x: [N, H, W, C], dy: [N, OH, OW, C] -> [N, H, W, C]`
// Loops over host memory: wasm's own kernel is wrong when a window's maximum is not positive.
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';
import { firstMaximum, forEachWindow } from './windows.ts';

export function maxPool2dGrad(tf: Tf, x: Tensor4D, dy: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D {
  const [, , width, channels] = x.shape;
  const values = x.dataSync<'float32'>();
  const gradients = dy.dataSync<'float32'>();
  const dx = new Float32Array(values.length);
  const steps = { down: width * channels, across: channels };
  let window = 0;
  forEachWindow(x.shape, dy.shape, attrs, (start, rows, columns) => {
    for (let c = 0; c < channels; c++) {
      dx[firstMaximum(values, start + c, rows, columns, steps)]! += gradients[window++]!;
    }
  });
  return tf.tensor4d(dx, x.shape);
}
