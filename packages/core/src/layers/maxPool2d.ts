import { pads, pair } from './attributes.ts';
import type { Padding, Size } from './attributes.ts';
import type { Layer } from './scope.ts';

export interface Pool2dOptions {
  readonly kernel: Size;
  /** Default: the kernel's size. */
  readonly stride?: Size;
  /** Default 0; padding never wins. */
  readonly padding?: Padding;
}

/**
 * The maximum of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
 * @throws ShapeError, when the network is built, if the kernel is larger than the padded input
 */
export function maxPool2d({ kernel, stride = kernel, padding = 0 }: Pool2dOptions): Layer {
  return (scope, x) =>
    scope.op.maxPool2d(x, { kernel: pair(kernel), strides: pair(stride), pads: pads(padding) });
}
