import { dimOf, sizeOf } from '../tensor.ts';
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { optional, ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer } from './scope.ts';

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** The fraction of the running statistics that a step keeps. Default 0.9 (PyTorch's momentum is 1 minus this). */
  readonly momentum?: number;
}

const OPTIONS: Forms<BatchNormOptions> = {
  epsilon: optional(ranges.from0),
  momentum: optional(ranges.part),
};

/**
 * Batch normalization (Ioffe and Szegedy 2015). `x: [N, C, H, W] or [N, C] -> the same shape`
 * Parameters: `scale: [C]` (starts at 1) and `b: [C]`. Buffers: `mean: [C]`, `variance: [C]`, the running
 * statistics, which training updates and inference uses. The running variance is unbiased, as in PyTorch. If
 * scale and b are frozen, training also uses the running statistics and does not update them.
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  return (scope, x) => {
    checkArguments(failOf('batchNorm', scope), {}, options, OPTIONS);
    const { epsilon = 1e-5, momentum = 0.9 } = options;
    const shape = [dimOf(x.shape, 1)];
    const scale = scope.parameter('scale', shape, 'scale');
    const bias = scope.parameter('b', shape, 'bias');
    const runningMean = scope.buffer('mean', shape, 0);
    const runningVariance = scope.buffer('variance', shape, 1);
    if (!scope.training || scope.frozen) {
      return scope.op.batchNormInference(x, scale, bias, runningMean, runningVariance, { epsilon });
    }
    const [y, mean, variance] = scope.op.batchNorm(x, scale, bias, { epsilon });
    const count = sizeOf(x.shape) / dimOf(x.shape, 1);
    const blend = (running: typeof mean, now: typeof mean, part: number): typeof mean =>
      scope.op.add(
        scope.op.mul(running, scope.fill(momentum, shape)),
        scope.op.mul(now, scope.fill(part * (1 - momentum), shape)),
      );
    scope.update('mean', blend(runningMean, mean, 1));
    scope.update('variance', blend(runningVariance, variance, count > 1 ? count / (count - 1) : 1));
    return y;
  };
}
