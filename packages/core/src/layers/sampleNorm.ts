// Layers that normalize within each sample. They keep no running statistics and compute the same function in
// training and inference mode.
import { dimOf } from '../tensor.ts';
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { optional, ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer } from './scope.ts';

/** Options of {@link groupNorm} and {@link layerNorm}. */
export interface SampleNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

const OPTIONS: Forms<SampleNormOptions> = { epsilon: optional(ranges.from0) };

/**
 * Group normalization (Wu and He 2018, section 3): normalizes each group of C / groups adjacent channels of each sample to mean
 * 0 and variance 1, then applies a scale and a bias per channel. One group is Wu and He's layer normalization; C groups are
 * instance normalization. `x: [N, C, ...] -> the same shape`
 * Parameters: `scale: [C]` (starts at 1) and `b: [C]`.
 * @throws ShapeError, when the network is built, if groups do not divide the channels
 */
export function groupNorm(groups: number, options: SampleNormOptions = {}): Layer {
  return (scope, x) => {
    checkArguments(failOf('groupNorm', scope), { groups: [ranges.count, groups] }, options, OPTIONS);
    const { epsilon = 1e-5 } = options;
    const shape = [dimOf(x.shape, 1)];
    const scale = scope.parameter('scale', shape, 'scale');
    return scope.op.groupNorm(x, scale, scope.parameter('b', shape, 'bias'), { groups, epsilon });
  };
}

/**
 * Layer normalization (Ba et al. 2016, section 3): normalizes all values of each sample to mean 0 and variance 1, then applies
 * a scale and a bias per value. `x: [N, F] or [N, C, H, W] -> the same shape`, like PyTorch's
 * `LayerNorm(x.shape[1:])`. Keras normalizes only the last axis, which is equivalent for `[N, F]`.
 * Parameters: `scale: [F] or [C, H, W]` (starts at 1) and `b` of the same shape.
 * @throws ShapeError, when the network is built, if x has only the batch axis
 */
export function layerNorm(options: SampleNormOptions = {}): Layer {
  return (scope, x) => {
    checkArguments(failOf('layerNorm', scope), {}, options, OPTIONS);
    const { epsilon = 1e-5 } = options;
    const shape = x.shape.slice(1);
    const scale = scope.parameter('scale', shape, 'scale');
    return scope.op.layerNorm(x, scale, scope.parameter('b', shape, 'bias'), { epsilon });
  };
}
