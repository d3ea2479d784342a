// Runs the suite in a page. Bundled by the tests of backends that run in browsers.
import type { Outcome } from '../../src/index.ts';
import { checks, runConformance } from '../../src/index.ts';
import type { ConformanceSubject } from '../../src/suite/subject.ts';

/** Runs the checks with these keys, in the order of the suite. */
export async function outcomesInPage(
  subject: ConformanceSubject,
  keys: readonly string[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const chosen = checks().filter(({ key }) => keys.includes(key));
  await runConformance(subject, { checks: chosen, onCheck: (outcome) => outcomes.push(outcome) });
  return outcomes;
}
