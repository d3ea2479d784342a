// Spreads each window's gradient evenly over what it averaged. `dy: [N, OH, OW, C] -> [N, H, W, C]`
// Loops over host memory, as avgPool2d.
import type { Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { AvgPool2dAttrs } from '../context.ts';
import type { Tf } from '../tf.ts';
import { divisor } from './avgPool2d.ts';
import { forEachWindow } from './windows.ts';

export function avgPool2dGrad(tf: Tf, dy: Tensor4D, [height, width]: Pair, attrs: AvgPool2dAttrs): Tensor4D {
  const [n, , , channels] = dy.shape;
  const gradients = dy.dataSync<'float32'>();
  const shape: Tensor4D['shape'] = [n, height, width, channels];
  const dx = new Float32Array(n * height * width * channels);
  let window = 0;
  forEachWindow(shape, dy.shape, attrs, (start, rows, columns) => {
    const count = divisor(attrs, rows, columns);
    for (let row = 0; row < rows; row++) {
      let at = start + row * width * channels;
      for (let column = 0; column < columns; column++) {
        for (let c = 0; c < channels; c++) dx[at++]! += gradients[window + c]! / count;
      }
    }
    window += channels;
  });
  return tf.tensor4d(dx, shape);
}
