import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { optional, ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer } from './scope.ts';

/** Options of {@link localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** The number of channels in the window. Default 5. */
  readonly size?: number;
  /** Default 1e-4. Divided by the window's size, as in ONNX, PyTorch and Caffe. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly bias?: number;
}

const OPTIONS: Forms<LocalResponseNormOptions> = {
  size: optional(ranges.count),
  alpha: optional(ranges.number),
  beta: optional(ranges.number),
  bias: optional(ranges.number),
};

/**
 * Local response normalization across channels. `x: [N, C, H, W] -> the same shape` (Krizhevsky et al. 2012, 3.3)
 * @throws ShapeError, when the network is built, if x is not [N, C, H, W] or `size` is not an integer of at least 1
 */
export function localResponseNorm(options: LocalResponseNormOptions = {}): Layer {
  return (scope, x) => {
    checkArguments(failOf('localResponseNorm', scope), {}, options, OPTIONS);
    const { size = 5, alpha = 1e-4, beta = 0.75, bias = 1 } = options;
    return scope.op.lrn(x, { size, alpha, beta, bias });
  };
}
