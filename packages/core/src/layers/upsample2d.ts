import { checkArguments } from '../arguments/check.ts';
import { size } from '../arguments/forms.ts';
import { failOf, pair } from './attributes.ts';
import type { Size } from './attributes.ts';
import type { Layer } from './scope.ts';

/**
 * Enlarges images by repeating pixels (nearest neighbour). `x: [N, C, H, W] -> [N, C, H * factor, W * factor]`
 * @param factor an integer, or `[height, width]`
 * @throws ShapeError, when the network is built, if a factor is not an integer of at least 1
 */
export function upsample2d(factor: Size): Layer {
  return (scope, x) => {
    checkArguments(failOf('upsample2d', scope), { factor: [size, factor] });
    return scope.op.upsampleNearest2d(x, { scales: pair(factor) });
  };
}
