// Declares the suite as vitest tests: `@isonet/conformance/vitest`. Needs Node. No other module of the package depends on a test runner.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BitsRecording } from './bits/recording.ts';
import { difference, digestOf, hiddenChange, thisMachine } from './bits/recording.ts';
import { trainSteps } from './bits/steps.ts';
import type { Check } from './check/check.ts';
import { checks } from './suite/checks.ts';
import type { Expectation } from './suite/expectations.ts';
import { expectationOf, requireKnownKeys, statusOf, timeoutOf } from './suite/expectations.ts';
import { shortened } from './suite/report.ts';
import { Session } from './suite/session.ts';
import type { ConformanceSubject } from './suite/subject.ts';
import { coveringSubset } from './suite/subset.ts';

export { digestOf, thisMachine } from './bits/recording.ts';

/** Extra time for a test beyond its check's limit, so that the check's own message is shown: the device may have to be reopened. */
const GRACE_MS = 10_000;

/** The options of {@link describeConformance}. */
export interface SuiteOptions {
  /**
   * `covering`: about half of the checks in about a tenth of the time, for a slow second configuration of a backend. With
   * ISONET_TEST_ALL=1 in the environment, every check runs anyway. Default: every check.
   */
  readonly subset?: 'covering';
}

/**
 * Declares one test per check. A complete test/conformance.test.ts:
 * ```ts
 * import { describeConformance } from '@isonet/conformance/vitest';
 * import { reference } from '../src/index.ts';
 * describeConformance(reference);
 * ```
 * A check that does not apply to the device, or is heavy on a device that skips heavy checks, becomes a skipped test
 * that shows the reason.
 * @throws Error if `xfail` names a check that does not exist
 */
export function describeConformance(subject: ConformanceSubject, options: SuiteOptions = {}): void {
  const { name, unavailable } = subject;
  const isMissing = unavailable !== undefined;
  const all = checks();
  requireKnownKeys(subject, all);
  const opening = timeoutOf({}, subject) + GRACE_MS;
  const suite = suiteOf(all, options, process.env);

  describe(`conformance of ${name}${suite.note}`, () => {
    let session: Session | undefined;
    beforeAll(async () => {
      session = isMissing ? undefined : await Session.open(subject);
    }, opening);
    afterAll(async () => await session?.[Symbol.asyncDispose](), opening);

    it.skipIf(isMissing)(`opens${isMissing ? ` (unavailable: ${unavailable})` : ''}`, () => {
      expect(session?.device.info.id).toBeTypeOf('string');
    });

    for (const check of isMissing ? [] : suite.checks) {
      const expectation = expectationOf(check, subject);
      const declare = expectation.outcome === 'skip' ? it.skip : it;
      const timeout = timeoutOf(check, subject) + opening;
      declare(titleOf(check, expectation), { timeout }, async (context) => {
        if (!session) throw new Error('the device did not open');
        const { verdict, thrown } = await session.attempt(check);
        const status = statusOf(verdict, expectation);
        if (status === 'xfail') return;
        if (thrown !== undefined) throw thrown;
        context.skip(status === 'skipped', verdict.notApplicable);
        // Not a comparison, because vitest would truncate the text and repeat it as a diff.
        if (status === 'unexpectedPass') {
          expect.fail(`it passes: remove it from xfail (${expectation.reason})`);
        }
        if (verdict.refused !== undefined) expect.fail(`the device refuses it: ${verdict.refused}`);
        if (verdict.failures.length > 0) expect.fail(shortened(verdict.failures).join('\n'));
      });
    }
  });
}

/**
 * Declares one test: five training steps reproduce the recorded bits. On the machine of the recording, the plan id
 * and the digest of the bits must equal the recorded ones; on another machine, whose library may choose other
 * kernels, the losses must agree. With RECORD_BITS=1 in the environment, the test writes or replaces the file
 * instead, unless the bits changed under the same id.
 * @param file `new URL('bits.json', import.meta.url)`
 * @param machine `any` if every machine produces the same bits
 */
export function describeBits(
  { name, open, unavailable }: Pick<ConformanceSubject, 'name' | 'open' | 'unavailable'>,
  file: { readonly href: string },
  machine: string = thisMachine(),
): void {
  const path = new URL(file.href);
  const missing = unavailable === undefined ? '' : ` (unavailable: ${unavailable})`;
  it.skipIf(missing)(`five training steps on ${name} reproduce the recorded bits${missing}`, async () => {
    await using device = await open();
    const { id, losses, tensors } = await trainSteps(device);
    const now: BitsRecording = {
      backend: name,
      device: device.info.text,
      node: process.versions.node,
      machine,
      id,
      digest: digestOf(tensors),
      losses,
    };
    const recorded = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as BitsRecording) : undefined;
    const isRecording = process.env['RECORD_BITS'] === '1';
    const problem = isRecording ? hiddenChange(recorded, now) : difference(recorded, now);
    // Passed as the message too, because vitest truncates the values that it compares.
    expect(problem, problem).toBeUndefined();
    if (isRecording) writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`);
  });
}

/** Returns the checks to declare, and a note for the title of the suite. */
export function suiteOf(
  all: readonly Check[],
  { subset }: SuiteOptions,
  { ISONET_TEST_ALL: everything }: Readonly<Record<string, string | undefined>>,
): { readonly checks: readonly Check[]; readonly note: string } {
  if (subset === undefined || everything === '1') return { checks: all, note: '' };
  const chosen = coveringSubset(all);
  return { checks: chosen, note: `, a covering subset: ${chosen.length} of ${all.length} checks` };
}

/** Returns the title of a check's test. */
export function titleOf({ key }: Pick<Check, 'key'>, { outcome, reason }: Expectation): string {
  const notes = { pass: '', xfail: `, xfail: ${reason}`, skip: `, skipped: ${reason}` };
  return `${key}${notes[outcome]}`;
}
