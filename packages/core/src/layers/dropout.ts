import { checkArguments } from '../arguments/check.ts';
import { ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer } from './scope.ts';

/**
 * In training mode, zeroes each value with probability `rate` and scales the other values by 1 / (1 - rate);
 * otherwise the identity. `x: [...] -> [...]`. Each step draws a new mask, which depends only on (seed,
 * layer, step, position).
 * @throws ShapeError, when the network is built, if the rate is not in [0, 1)
 */
export function dropout(rate: number): Layer {
  return (scope, x) => {
    checkArguments(failOf('dropout', scope), { rate: [ranges.rate, rate] });
    return scope.training && rate > 0 ? scope.op.dropout(x, scope.uniform(x.shape), { rate }) : x;
  };
}
