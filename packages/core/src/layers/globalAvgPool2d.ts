import type { Layer } from './scope.ts';

/** The mean of each channel over its pixels. `x: [N, C, H, W] -> [N, C, 1, 1]` (Lin et al. 2013, section 3.2) */
export function globalAvgPool2d(): Layer {
  return (scope, x) => scope.op.globalAvgPool2d(x);
}
