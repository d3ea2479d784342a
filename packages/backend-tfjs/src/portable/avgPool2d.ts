// Average pooling and its gradient, as loops over host memory, because TensorFlow.js's own kernels never count padding.
import type { AvgPool2dAttrs, Pair } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';
import { forEachWindow } from './windows.ts';

/** Returns the mean of each window. `x: [N, H, W, C] -> [N, OH, OW, C]` */
export function avgPool2d(tf: Tf, x: Tensor4D, yShape: Tensor4D['shape'], attrs: AvgPool2dAttrs): Tensor4D {
  const [, , width, channels] = x.shape;
  const values = x.dataSync<'float32'>();
  const y = new Float32Array(sizeOf(yShape));
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

/** Spreads each window's gradient evenly over its pixels. `dy: [N, OH, OW, C] -> [N, H, W, C]` */
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

/** Returns the divisor of a window's mean, where `rows` times `columns` of its pixels are inside the image. */
function divisor({ kernel, countPadding }: AvgPool2dAttrs, rows: number, columns: number): number {
  return countPadding ? kernel[0] * kernel[1] : rows * columns;
}
