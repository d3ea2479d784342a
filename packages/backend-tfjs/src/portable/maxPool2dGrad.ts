// Sends each window's gradient to its first maximum. `x: [N, H, W, C], dy: [N, OH, OW, C] -> [N, H, W, C]`
// Loops over host memory, which is where wasm and cpu keep their values: wasm's own kernel is wrong when a window's maximum
// is not positive.
import type { MaxPool2dAttrs } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../tf.ts';

export function maxPool2dGrad(tf: Tf, x: Tensor4D, dy: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D {
  const [n, height, width, channels] = x.shape;
  const [, outHeight, outWidth] = dy.shape;
  const { kernel, strides, pads } = attrs;
  const values = x.dataSync<'float32'>();
  const gradients = dy.dataSync<'float32'>();
  const dx = new Float32Array(values.length);
  let window = 0;
  for (let image = 0; image < n; image++) {
    for (let i = 0; i < outHeight; i++) {
      const rows = inside(i * strides[0] - pads[0], kernel[0], height);
      for (let j = 0; j < outWidth; j++) {
        const columns = inside(j * strides[1] - pads[1], kernel[1], width);
        const start = ((image * height + rows.start) * width + columns.start) * channels;
        const [down, across] = [rows.end - rows.start, columns.end - columns.start];
        for (let c = 0; c < channels; c++) {
          let best = start + c;
          for (let row = 0; row < down; row++) {
            let at = start + c + row * width * channels;
            for (let column = 0; column < across; column++, at += channels) {
              if (values[at]! > values[best]!) best = at;
            }
          }
          dx[best]! += gradients[window++]!;
        }
      }
    }
  }
  return tf.tensor4d(dx, x.shape);
}

/** The part of a window that lies inside the image. */
function inside(
  start: number,
  kernel: number,
  size: number,
): { readonly start: number; readonly end: number } {
  return { start: Math.max(0, start), end: Math.min(size, start + kernel) };
}
