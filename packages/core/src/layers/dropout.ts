import { checkArguments } from '../arguments/check.ts';
import { ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer } from './scope.ts';

/**
 * While training, zeroes each value with probability `rate` and scales the rest by 1 / (1 - rate); otherwise the identity.
 * `x: [...] -> [...]`. The mask is drawn anew at each step from (seed, layer, step, position) alone.
 * @throws ShapeError, when the network is built, if the rate is below 0, or 1 or more
 */
export function dropout(rate: number): Layer {
  return (scope, x) => {
    checkArguments(failOf('dropout', scope), { rate: [ranges.rate, rate] });
    return scope.training && rate > 0 ? scope.op.dropout(x, scope.uniform(x.shape), { rate }) : x;
  };
}
