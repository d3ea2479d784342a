// A covering subset of the suite, for second configurations of a backend that are too slow for all of it: a check for everything
// that some check covers, chosen without chance. Which ops, forms, attributes, kinds of data and kinds of layer there are, the
// checks say themselves.
import type { Check } from './verdict.ts';

/**
 * In the order of the suite; the same checks give the same subset. Greedy: of the checks that cover most of what is not
 * covered yet, the first.
 */
export function coveringSubset(checks: readonly Check[]): readonly Check[] {
  const candidates = new Map(checks.flatMap((check) => (check.covers ? [[check, check.covers()]] : [])));
  const wanted = new Set([...candidates.values()].flat());
  const chosen = new Set<Check>();
  while (wanted.size > 0) {
    let [best, most]: [Check | undefined, number] = [undefined, 0];
    for (const [check, features] of candidates) {
      const gain = features.filter((feature) => wanted.has(feature)).length;
      if (gain > most) [best, most] = [check, gain];
    }
    if (!best) break;
    chosen.add(best);
    candidates.get(best)?.forEach((feature) => wanted.delete(feature));
    candidates.delete(best);
  }
  return checks.filter((check) => chosen.has(check));
}
