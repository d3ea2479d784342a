// What a step did to the state, against what the reference's step does to the same state.
import type { Tensors } from '@isonet/core';
import { U } from '../rounding/table.ts';
import { the } from '../check/compare.ts';
import type { Findings } from '../check/findings.ts';

/**
 * Every tensor's update, new - old, within `tolerance` of the reference's, relative and in the L2 norm. float32 cannot hold
 * the new value better than to half a unit in its last place, and the optimizers form it from the old one scaled, rounded
 * once: where an update is small beside the value, that is allowed on top.
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
    const [old, now, target] = [the(before, name).data, the(got, name).data, the(expected, name).data];
    const error = norm(now, target);
    const bound = tolerance * norm(target, old) + U * (norm(old) + norm(target));
    if (error !== 0) findings.within(`the update of ${name}`, error, bound);
  }
}

/** The L2 norm of the values, or of their distance from others. */
function norm(values: ArrayLike<number>, from?: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from ? from[i]! : 0)) ** 2;
  return Math.sqrt(sum);
}
