// Spreads each window's gradient evenly over what it averaged. `dy: [N, C, OH, OW] -> inputShape [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { forEachWindow } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function avgPool2dGrad({ attrs }: NodeOf<'avgPool2dGrad'>, operands: Operands): Float64Array {
  const dy = operands.floats(0);
  const dx = operands.zeros();
  forEachWindow(attrs.inputShape, operands.shape(0), attrs, (window, pixels) => {
    const count = attrs.countPadding ? attrs.kernel[0] * attrs.kernel[1] : pixels.length;
    for (const at of pixels) dx[at]! += dy[window]! / count;
  });
  return dx;
}
