// Adds x * w to y for every product of the convolution. `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
import { forEachRow } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros } from '../kernel.ts';

export const conv2d: Kernel<'conv2d'> = ({ attrs }, { inputs: [x, w], outputs: [y] }) => {
  const [xs, ws, ys] = [floats(x), floats(w), floatZeros(y)];
  const stride = attrs.strides[1];
  forEachRow(x.shape, w.shape, y.shape, attrs, (weight, xStart, yStart, count) => {
    const factor = ws[weight]!;
    for (let j = 0; j < count; j++) ys[yStart + j]! += factor * xs[xStart + j * stride]!;
  });
  return ys;
};
