import { activate, activationName } from './activation.ts';
import type { Activation } from './activation.ts';
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { optional, ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import { dimOf, typeText } from '../tensor.ts';
import type { Layer } from './scope.ts';

/** Options of {@link dense}. */
export interface DenseOptions {
  /** Applied last. Default: none. */
  readonly activation?: Activation;
}

const OPTIONS: Forms<DenseOptions> = { activation: optional(activationName) };

/**
 * A fully connected layer. `x: [N, I] -> [N, units]`. Parameters: `w: [units, I]`, `b: [units]`.
 * @throws ShapeError, when the network is built, if x is not [N, I]; use `flatten` to convert images
 */
export function dense(units: number, options: DenseOptions = {}): Layer {
  return (scope, x) => {
    const fail = failOf('dense', scope);
    checkArguments(fail, { units: [ranges.count, units] }, options, OPTIONS);
    if (x.shape.length !== 2) {
      throw fail(
        `expected x [N, I], got ${typeText(x)}; add flatten(), or globalAvgPool2d() and flatten(), before it`,
      );
    }
    const w = scope.parameter('w', [units, dimOf(x.shape, 1)]);
    return activate(scope, scope.op.dense(x, w, scope.parameter('b', [units], 'bias')), options.activation);
  };
}
