// Selects a covering subset of the suite, for a second configuration of a backend that is too slow for the whole suite: at
// least one check for every feature (op, form, kind of attribute, data or layer, ...) that some check covers.
import { defined } from '@isonet/core';
import type { Check } from '../check/check.ts';

/** A check and the features that it covers. */
type Candidate = readonly [Check, readonly string[]];

/**
 * Repeatedly takes the first check that covers the most features still missing; the result is deterministic.
 * @returns the subset in the order of the suite
 */
export function coveringSubset(checks: readonly Check[]): readonly Check[] {
  const candidates = new Map(checks.flatMap((check) => (check.covers ? [[check, check.covers()]] : [])));
  const wanted = new Set([...candidates.values()].flat());
  const chosen = new Set<Check>();
  while (wanted.size > 0) {
    let [best, most]: [Candidate | undefined, number] = [undefined, 0];
    for (const candidate of candidates) {
      const [, features] = candidate;
      const gain = features.filter((feature) => wanted.has(feature)).length;
      if (gain > most) [best, most] = [candidate, gain];
    }
    const [check, features] = defined(best, 'a check that covers a missing feature');
    chosen.add(check);
    for (const feature of features) wanted.delete(feature);
    candidates.delete(check);
  }
  return checks.filter((check) => chosen.has(check));
}
