import { activate, activationName } from './activation.ts';
import type { Activation } from './activation.ts';
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { flag, optional, padding as paddingForm, ranges, size } from '../arguments/forms.ts';
import { failOf, pads, pair } from './attributes.ts';
import type { Padding, Size } from './attributes.ts';
import { batchNorm } from './batchNorm.ts';
import type { Value } from '../graph/value.ts';
import { rank4 } from '../ops/window.ts';
import { dimOf } from '../tensor.ts';
import type { Layer, Scope } from './scope.ts';

/** The operations that follow a convolution. */
export interface ConvolutionEpilogue {
  /** Adds a bias. Default true; false with batchNorm, which has its own bias. */
  readonly bias?: boolean;
  /** Adds batch normalization, named `bn`, between the convolution and its activation. Default false. */
  readonly batchNorm?: boolean;
  /** Applied last. Default: none. */
  readonly activation?: Activation;
}

export const EPILOGUE: Forms<ConvolutionEpilogue> = {
  bias: optional(flag),
  batchNorm: optional(flag),
  activation: optional(activationName),
};

/** Options of {@link conv2d}. */
export interface Conv2dOptions extends ConvolutionEpilogue {
  /** The size of each filter: `3` or `[height, width]`. */
  readonly kernel: Size;
  /** Default 1. */
  readonly stride?: Size;
  /**
   * Zeros around the input. Default 0. With stride 1, padding by half of an odd kernel (1 for 3, 2 for 5)
   * preserves the size.
   */
  readonly padding?: Padding;
  /** Default 1. */
  readonly dilation?: Size;
  /** Default 1. */
  readonly groups?: number;
}

export const WITHOUT_GROUPS: Forms<Omit<Conv2dOptions, 'groups'>> = {
  kernel: size,
  stride: optional(size),
  padding: optional(paddingForm),
  dilation: optional(size),
  ...EPILOGUE,
};

export const CONV2D: Forms<Conv2dOptions> = { ...WITHOUT_GROUPS, groups: optional(ranges.count) };

/**
 * Convolution with a bias and, if given, an activation. `x: [N, C, H, W] -> [N, channels, OH, OW]`
 * Parameters: `w: [channels, C / groups, KH, KW]`, `b: [channels]`.
 * @throws ShapeError, when the network is built, if the kernel is larger than the padded input or groups do
 * not divide the channels
 */
export function conv2d(channels: number, options: Conv2dOptions): Layer {
  return (scope, x) => {
    const fail = failOf('conv2d', scope);
    checkArguments(fail, { channels: [ranges.count, channels] }, options, CONV2D);
    const { kernel, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const window = { kernel: pair(kernel), strides: pair(stride), dilations: pair(dilation) };
    const { strides, dilations } = window;
    const [, inChannels] = rank4(x, 'images float32 [N, C, H, W]', fail);
    // Rounded up if groups do not divide the channels, so that conv2d reports the mismatch.
    const w = scope.parameter('w', [channels, Math.ceil(inChannels / groups), ...window.kernel]);
    const attrs = { strides, pads: pads(padding, x, window, fail), dilations, groups };
    return withEpilogue(scope, scope.op.conv2d(x, w, attrs), options);
  };
}

/** Applies bias, batch normalization and activation to a convolution's result. `y: [N, C, H, W] -> the same shape` */
export function withEpilogue(scope: Scope, y: Value, options: ConvolutionEpilogue): Value {
  const { batchNorm: normalized = false, bias = !normalized, activation } = options;
  const biased = bias ? scope.op.biasAdd(y, scope.parameter('b', [dimOf(y.shape, 1)], 'bias')) : y;
  const normal = normalized ? scope.run('bn', batchNorm(), biased) : biased;
  return activate(scope, normal, activation);
}
