import { checkNothing } from '../arguments/check.ts';
import { dimOf, sizeOf } from '../tensor.ts';
import { failOf } from './attributes.ts';
import type { Layer } from './scope.ts';

/** Flattens all axes but the first into one. `x: [N, C, H, W] -> [N, C * H * W]` */
export function flatten(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('flatten', scope), none);
    const n = dimOf(x.shape, 0);
    return scope.op.reshape(x, { shape: [n, sizeOf(x.shape) / n] });
  };
}
