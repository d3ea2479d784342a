// Pooling layers.
import type { Value } from '../graph/value.ts';
import type { Fail } from '../ops/definition.ts';
import type { MaxPool2dAttrs } from '../ops/maxPool2d.ts';
import { checkArguments, checkNothing } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { flag, optional, padding as paddingForm, size } from '../arguments/forms.ts';
import { failOf, pads, pair } from './attributes.ts';
import type { Padding, Size } from './attributes.ts';
import type { Layer } from './scope.ts';

/** Options of {@link maxPool2d}. */
export interface Pool2dOptions {
  /** The size of the window: `2` or `[height, width]`. */
  readonly kernel: Size;
  /** Default: the kernel's size. */
  readonly stride?: Size;
  /** Default 0. Padding is never the maximum. */
  readonly padding?: Padding;
}

const POOL: Forms<Pool2dOptions> = {
  kernel: size,
  stride: optional(size),
  padding: optional(paddingForm),
};

/**
 * Computes the maximum of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
 * @throws ShapeError, when the network is built, if the kernel is larger than the padded input
 */
export function maxPool2d(options: Pool2dOptions): Layer {
  return (scope, x) => {
    const fail = failOf('maxPool2d', scope);
    checkArguments(fail, {}, options, POOL);
    return scope.op.maxPool2d(x, windowOf(options, x, fail));
  };
}

function windowOf(
  { kernel, stride = kernel, padding = 0 }: Pool2dOptions,
  x: Value,
  fail: Fail,
): MaxPool2dAttrs {
  const window = { kernel: pair(kernel), strides: pair(stride) };
  return { ...window, pads: pads(padding, x, { ...window, dilations: [1, 1] }, fail) };
}

/** Options of {@link avgPool2d}. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** If true, padding counts as zeros; otherwise each window divides by its number of pixels inside x. Default false. */
  readonly countPadding?: boolean;
}

const AVG_POOL: Forms<AvgPool2dOptions> = { ...POOL, countPadding: optional(flag) };

/**
 * Computes the mean of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
 * @throws ShapeError, when the network is built, if the kernel is larger than the padded input
 */
export function avgPool2d(options: AvgPool2dOptions): Layer {
  return (scope, x) => {
    const fail = failOf('avgPool2d', scope);
    checkArguments(fail, {}, options, AVG_POOL);
    const { countPadding = false } = options;
    return scope.op.avgPool2d(x, { ...windowOf(options, x, fail), countPadding });
  };
}

/**
 * Computes the mean of each channel over its pixels. `x: [N, C, H, W] -> [N, C, 1, 1]` (Lin et al. 2013, section 3.2)
 * @throws ShapeError, when the network is built, if x is not [N, C, H, W]
 */
export function globalAvgPool2d(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('globalAvgPool2d', scope), none);
    return scope.op.globalAvgPool2d(x);
  };
}
