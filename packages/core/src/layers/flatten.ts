import { sizeOf } from '../tensor.ts';
import type { Layer } from './scope.ts';

/** All axes but the first become one. `x: [N, C, H, W] -> [N, C * H * W]` */
export function flatten(): Layer {
  return (scope, x) => {
    const [n = 1, ...rest] = x.shape;
    return scope.op.reshape(x, { shape: [n, sizeOf(rest)] });
  };
}
