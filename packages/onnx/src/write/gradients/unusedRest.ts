// Geometry that the gradients of windows share.
import type { Conv2dAttrs, Pair, Shape } from '@isonet/core';

/**
 * Rows and columns of the padded input, at its end, that no window reaches because the next one would not fit.
 * @param x `[N, C, H, W]`, @param y `[N, K, OH, OW]`
 */
export function unusedRest(
  x: Shape,
  y: Shape,
  kernel: Shape,
  { strides, pads, dilations }: Conv2dAttrs,
): Pair {
  const rest = (axis: 0 | 1): number => {
    const padded = (x[axis + 2] ?? 0) + pads[axis] + pads[axis === 0 ? 2 : 3];
    const reach = ((kernel[axis] ?? 1) - 1) * dilations[axis] + 1;
    return padded - ((y[axis + 2] ?? 1) - 1) * strides[axis] - reach;
  };
  return [rest(0), rest(1)];
}
