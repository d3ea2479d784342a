// Depthwise convolution, which filters each channel separately, and separable convolution, which then mixes the channels.
import { dimOf } from '../tensor.ts';
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { fieldsOf, optional, ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import { sequential } from './composition.ts';
import type { Conv2dOptions, ConvolutionEpilogue } from './conv2d.ts';
import { conv2d, EPILOGUE, WITHOUT_GROUPS } from './conv2d.ts';
import type { Layer } from './scope.ts';

/** Options of {@link depthwiseConv2d}. */
export interface DepthwiseConv2dOptions extends Omit<Conv2dOptions, 'groups'> {
  /** The number of filters per channel. Default 1. */
  readonly multiplier?: number;
}

const DEPTHWISE: Forms<DepthwiseConv2dOptions> = { ...WITHOUT_GROUPS, multiplier: optional(ranges.count) };

/**
 * Convolution of each channel separately (Howard et al. 2017, section 3.1): conv2d with one group per channel.
 * `x: [N, C, H, W] -> [N, C * multiplier, OH, OW]`; the results of channel c start at c * multiplier.
 * Parameters: `w: [C * multiplier, 1, KH, KW]`, `b: [C * multiplier]`.
 * @throws ShapeError, when the network is built, if the kernel is larger than the padded input or multiplier is not an integer
 * of at least 1
 */
export function depthwiseConv2d(options: DepthwiseConv2dOptions): Layer {
  return (scope, x) => {
    checkArguments(failOf('depthwiseConv2d', scope), {}, options, DEPTHWISE);
    const { multiplier = 1, ...rest } = options;
    const channels = dimOf(x.shape, 1);
    return conv2d(channels * multiplier, { ...rest, groups: channels })(scope, x);
  };
}

/** Options of {@link separableConv2d}. */
export interface SeparableConv2dOptions extends DepthwiseConv2dOptions {
  /**
   * The operations between the depthwise and the pointwise step. Default: none, not even a bias, as in Keras and Xception.
   * MobileNet uses `{ batchNorm: true, activation: 'relu' }`. If `between` is set, its `bias` has the same
   * default as in conv2d.
   */
  readonly between?: ConvolutionEpilogue;
}

const SEPARABLE: Forms<SeparableConv2dOptions> = { ...DEPTHWISE, between: optional(fieldsOf(EPILOGUE)) };

/**
 * Depthwise separable convolution (Howard et al. 2017, section 3.1): `depthwise`, a depthwiseConv2d over the pixels, then
 * `pointwise`, a 1x1 convolution over the channels. `bias`, `batchNorm` and `activation` apply to the pointwise step.
 * `x: [N, C, H, W] -> [N, channels, OH, OW]`
 * Parameters: `depthwise.w: [C * multiplier, 1, KH, KW]`, `pointwise.w: [channels, C * multiplier, 1, 1]`, `pointwise.b:
 * [channels]`.
 * @throws ShapeError, when the network is built, under the same conditions as conv2d and depthwiseConv2d
 */
export function separableConv2d(channels: number, options: SeparableConv2dOptions): Layer {
  return (scope, x) => {
    checkArguments(
      failOf('separableConv2d', scope),
      { channels: [ranges.count, channels] },
      options,
      SEPARABLE,
    );
    const { kernel, stride = 1, padding = 0, dilation = 1, multiplier = 1, ...rest } = options;
    const { between = { bias: false }, ...end } = rest;
    return sequential({
      depthwise: depthwiseConv2d({ kernel, stride, padding, dilation, multiplier, ...between }),
      pointwise: conv2d(channels, { kernel: 1, ...end }),
    })(scope, x);
  };
}
