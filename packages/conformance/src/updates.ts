// What a step did to the state, against what the reference's step does to the same state.
import type { Tensors } from '@isonet/core';
import { U } from './analysis.ts';
import { the } from './compare.ts';
import type { Findings } from './verdict.ts';

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
    const [old, now, target] = [before, got, expected].map((tensors) => the(tensors, name).data);
    if (!old || !now || !target) continue;
    const update = norm(old.length, (i) => (target[i] ?? NaN) - (old[i] ?? NaN));
    const error = norm(old.length, (i) => (now[i] ?? NaN) - (target[i] ?? NaN));
    const held = U * (norm(old.length, (i) => old[i] ?? NaN) + norm(old.length, (i) => target[i] ?? NaN));
    const bound = tolerance * update + held;
    if (error !== 0) findings.within(`the update of ${name}`, error, bound);
  }
}

/** In the L2 norm. */
function norm(length: number, valueAt: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += valueAt(i) ** 2;
  return Math.sqrt(sum);
}
