// The mean of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { forEachWindow } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function avgPool2d({ attrs }: NodeOf<'avgPool2d'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const y = operands.zeros();
  forEachWindow(operands.shape(0), operands.result.shape, attrs, (window, pixels) => {
    const count = attrs.countPadding ? attrs.kernel[0] * attrs.kernel[1] : pixels.length;
    y[window] = pixels.reduce((sum, at) => sum + x[at]!, 0) / count;
  });
  return y;
}
