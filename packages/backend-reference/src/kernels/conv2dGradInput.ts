// Adds w * dy to dx for every product of the convolution.
// `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import { forEachRow } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros } from '../kernel.ts';

export const conv2dGradInput: Kernel<'conv2dGradInput'> = ({ attrs }, { inputs: [dy, w], outputs: [dx] }) => {
  const [dys, ws, dxs] = [floats(dy), floats(w), floatZeros(dx)];
  const stride = attrs.strides[1];
  forEachRow(dx.shape, w.shape, dy.shape, attrs, (weight, xStart, yStart, count) => {
    const factor = ws[weight]!;
    for (let j = 0; j < count; j++) dxs[xStart + j * stride]! += factor * dys[yStart + j]!;
  });
  return dxs;
};
