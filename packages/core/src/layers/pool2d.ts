// Pooling layers.
import { failOf, pads, pair } from './attributes.ts';
import type { Padding, Size } from './attributes.ts';
import type { Layer } from './scope.ts';

/** Options of {@link maxPool2d}. */
export interface Pool2dOptions {
  /** Of the window: `2`, or `[height, width]`. */
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
  const window = { kernel: pair(kernel), strides: pair(stride) };
  return (scope, x) =>
    scope.op.maxPool2d(x, {
      ...window,
      pads: pads(padding, x, { ...window, dilations: [1, 1] }, failOf('maxPool2d', scope)),
    });
}

/** Options of {@link avgPool2d}. */
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
  const window = { kernel: pair(kernel), strides: pair(stride) };
  return (scope, x) =>
    scope.op.avgPool2d(x, {
      ...window,
      pads: pads(padding, x, { ...window, dilations: [1, 1] }, failOf('avgPool2d', scope)),
      countPadding,
    });
}

/**
 * The mean of each channel over its pixels. `x: [N, C, H, W] -> [N, C, 1, 1]` (Lin et al. 2013, section 3.2)
 * @throws ShapeError, when the network is built, if x has other axes
 */
export function globalAvgPool2d(): Layer {
  return (scope, x) => scope.op.globalAvgPool2d(x);
}
