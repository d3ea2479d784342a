// Adds x * dy to dw for every product of the convolution.
// `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
import { forEachRow } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros } from '../kernel.ts';

export const conv2dGradFilter: Kernel<'conv2dGradFilter'> = (
  { attrs },
  { inputs: [x, dy], outputs: [dw] },
) => {
  const [xs, dys, dws] = [floats(x), floats(dy), floatZeros(dw)];
  const stride = attrs.strides[1];
  forEachRow(x.shape, dw.shape, dy.shape, attrs, (weight, xStart, yStart, count) => {
    let sum = 0;
    for (let j = 0; j < count; j++) sum += xs[xStart + j * stride]! * dys[yStart + j]!;
    dws[weight]! += sum;
  });
  return dws;
};
