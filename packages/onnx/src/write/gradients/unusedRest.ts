// Window geometry shared by gradients.
import type { Conv2dAttrs, Pair } from '@isonet/core';

/**
 * Returns the number of rows and columns at the end of the padded input that no window reaches, because no further window fits.
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
