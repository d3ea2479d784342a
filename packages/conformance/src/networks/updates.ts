// Compares a device's training step with the reference's step from the same state.
import type { Tensors } from '@isonet/core';
import { U } from '../rounding/table.ts';
import { tensorNamed } from '../check/compare.ts';
import type { Findings } from '../check/findings.ts';

/**
 * Requires the update (new - old) of every tensor to lie within `tolerance` of the reference's, as a relative error
 * in the L2 norm. float32 rounds the new value, and optimizers scale and round the old one, so half a unit in the
 * last place of each is allowed in addition.
 * @param before the state that both started from
 */
export function judgeUpdates(
  findings: Findings,
  before: Tensors,
  got: Tensors,
  expected: Tensors,
  tolerance: number,
): void {
  for (const name of Object.keys(expected)) {
    const [old, now, target] = [
      tensorNamed(before, name).data,
      tensorNamed(got, name).data,
      tensorNamed(expected, name).data,
    ];
    const error = norm(now, target);
    const bound = tolerance * norm(target, old) + U * (norm(old) + norm(target));
    if (error !== 0) findings.within(`the update of ${name}`, error, bound);
  }
}

/** Returns the L2 norm of the values, or of their differences from others. */
function norm(values: ArrayLike<number>, from?: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from ? from[i]! : 0)) ** 2;
  return Math.sqrt(sum);
}
