import type { Layer } from './scope.ts';

/**
 * While training, zeroes each value with probability `rate` and scales the rest by 1 / (1 - rate); otherwise the identity.
 * `x: [...] -> [...]`. The mask is drawn anew at each step from (seed, layer, step, position) alone.
 */
export function dropout(rate: number): Layer {
  return (scope, x) =>
    scope.training && rate > 0 ? scope.op.dropout(x, scope.uniform(x.shape), { rate }) : x;
}
