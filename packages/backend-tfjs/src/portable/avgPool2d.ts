// The mean of each window. `x: [N, H, W, C] -> [N, OH, OW, C]`
// Loops over host memory: TensorFlow.js's own kernels never count padding.
import type { Tensor4D } from '@tensorflow/tfjs';
import type { AvgPool2dAttrs } from '../context.ts';
import type { Tf } from '../tf.ts';
import { forEachWindow } from './windows.ts';

export function avgPool2d(tf: Tf, x: Tensor4D, yShape: Tensor4D['shape'], attrs: AvgPool2dAttrs): Tensor4D {
  const [, , width, channels] = x.shape;
  const values = x.dataSync<'float32'>();
  const y = new Float32Array(yShape.reduce((product, dim) => product * dim, 1));
  const sums = new Float64Array(channels);
  let window = 0;
  forEachWindow(x.shape, yShape, attrs, (start, rows, columns) => {
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      let at = start + row * width * channels;
      for (let column = 0; column < columns; column++) {
        for (let c = 0; c < channels; c++) sums[c]! += values[at++]!;
      }
    }
    const count = divisor(attrs, rows, columns);
    for (let c = 0; c < channels; c++) y[window++] = sums[c]! / count;
  });
  return tf.tensor4d(y, yShape);
}

/** What the sum of a window is divided by, of which `rows` times `columns` pixels lie inside the image. */
export function divisor({ kernel, countPadding }: AvgPool2dAttrs, rows: number, columns: number): number {
  return countPadding ? kernel[0] * kernel[1] : rows * columns;
}
