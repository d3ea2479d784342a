// Geometry that the gradients of windows share.
import type { Conv2dAttrs, Pair } from '@isonet/core';

/**
 * Rows and columns of the padded input, at its end, that no window reaches because the next one would not fit.
 * @param x, y heights and widths
 */
export function unusedRest(
  [h, w]: Pair,
  [oh, ow]: Pair,
  kernel: Pair,
  {
    strides,
    pads: [top, left, bottom, right],
    dilations,
  }: Pick<Conv2dAttrs, 'strides' | 'pads' | 'dilations'>,
): Pair {
  const rest = (axis: 0 | 1, padded: number, windows: number): number =>
    padded - (windows - 1) * strides[axis] - ((kernel[axis] - 1) * dilations[axis] + 1);
  return [rest(0, top + h + bottom, oh), rest(1, left + w + right, ow)];
}
