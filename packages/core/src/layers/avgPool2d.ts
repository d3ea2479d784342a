import { pads, pair } from './attributes.ts';
import type { Pool2dOptions } from './maxPool2d.ts';
import type { Layer } from './scope.ts';

export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether padding counts as zeros; default false: each window divides by its pixels inside x. */
  readonly countPadding?: boolean;
}

/**
 * The mean of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
 * @throws ShapeError, when the network is built, if the kernel is larger than the padded input
 */
export function avgPool2d(options: AvgPool2dOptions): Layer {
  const { kernel, stride = kernel, padding = 0, countPadding = false } = options;
  const attrs = { kernel: pair(kernel), strides: pair(stride), pads: pads(padding), countPadding };
  return (scope, x) => scope.op.avgPool2d(x, attrs);
}
