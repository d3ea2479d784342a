// Average and max pooling, their gradients, and the gather that max pooling's second derivative needs.
// `x: [N, C, H, W], y: [N, C, OH, OW]`
import type { AttrsOf } from '@isonet/core';
import { firstMaxima, forEachWindow } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros, gather, scatterReduce } from '../kernel.ts';

/** Returns the divisor of a window's mean. */
function divisor({ kernel, countPadding }: AttrsOf<'avgPool2d'>, pixels: readonly number[]): number {
  return countPadding ? kernel[0] * kernel[1] : pixels.length;
}

export const avgPool2d: Kernel<'avgPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) => {
  const [values, means] = [floats(x), floatZeros(y)];
  forEachWindow(x.shape, y.shape, attrs, (window, pixels) => {
    means[window] = pixels.reduce((sum, at) => sum + values[at]!, 0) / divisor(attrs, pixels);
  });
  return means;
};

export const avgPool2dGrad: Kernel<'avgPool2dGrad'> = ({ attrs }, { inputs: [dy], outputs: [dx] }) => {
  const [gradients, sums] = [floats(dy), floatZeros(dx)];
  forEachWindow(dx.shape, dy.shape, attrs, (window, pixels) => {
    const share = gradients[window]! / divisor(attrs, pixels);
    for (const at of pixels) sums[at]! += share;
  });
  return sums;
};

export const maxPool2d: Kernel<'maxPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) =>
  gather(floatZeros(y), x.data, firstMaxima(floats(x), x.shape, y.shape, attrs));

export const maxPool2dGather: Kernel<'maxPool2dGather'> = ({ attrs }, { inputs: [x, , g], outputs: [y] }) =>
  gather(floatZeros(y), g.data, firstMaxima(floats(x), x.shape, y.shape, attrs));

/** Adds each window's gradient at the position of the window's first maximum. */
export const maxPool2dGrad: Kernel<'maxPool2dGrad'> = ({ attrs }, { inputs: [x, , dy], outputs: [dx] }) =>
  scatterReduce(
    floatZeros(dx),
    floats(dy),
    firstMaxima(floats(x), x.shape, dy.shape, attrs),
    (sum, g) => sum + g,
  );
