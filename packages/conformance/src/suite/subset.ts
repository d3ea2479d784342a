// A covering subset of the suite, for second configurations of a backend that are too slow for all of it: a check for everything
// that some check covers, chosen without chance. Which ops, forms, attributes, kinds of data and kinds of layer there are, the
// checks say themselves.
import { defined } from '@isonet/core';
import type { Check } from '../check/check.ts';

/** A check, and what it covers. */
type Candidate = readonly [Check, readonly string[]];

/**
 * In the order of the suite; the same checks give the same subset. Greedy: of the checks that cover most of what is not
 * covered yet, the first.
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
    const [check, features] = defined(best, 'a check that covers what is still wanted');
    chosen.add(check);
    for (const feature of features) wanted.delete(feature);
    candidates.delete(check);
  }
  return checks.filter((check) => chosen.has(check));
}
