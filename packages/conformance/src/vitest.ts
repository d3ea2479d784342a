// The suite as tests of vitest, `@isonet/conformance/vitest`: the only file that knows a test runner.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BitsRecording } from './bits.ts';
import { complaint, obstacle, thisMachine, trainedBits } from './bits.ts';
import { checks } from './suite/checks.ts';
import type { ConformanceSubject } from './suite/subject.ts';
import type { Declaration } from './suite/expectations.ts';
import {
  checkKnownFaults,
  declarationOf,
  primitives,
  Runs,
  statusOf,
  timeoutOf,
} from './suite/expectations.ts';
import { Session } from './suite/session.ts';
import { coveringSubset } from './suite/subset.ts';
import type { Check } from './check/check.ts';

export { digestOf, thisMachine } from './bits.ts';

/** What a test may take beyond its check's own limit, whose message says more than vitest's: another device is opened. */
const GRACE_MS = 10_000;

/** The options of {@link describeConformance}. */
export interface SuiteOptions {
  /**
   * `covering`: about half of the checks in about a tenth of the time, for a second configuration of a backend that is slow
   * (subset.ts). With ISONET_TEST_ALL=1 in the environment, all of them nevertheless. Default: all.
   */
  readonly subset?: 'covering';
}

/**
 * Declares the whole suite for one device, one test per check. All of a test/conformance.test.ts:
 * ```ts
 * import { describeConformance } from '@isonet/conformance/vitest';
 * import { reference } from '../src/index.ts';
 * describeConformance(reference);
 * ```
 * What the device refuses (`compile`), does not claim (`numerics`) or is too slow for shows as a skipped test with its
 * reason.
 * @throws Error when `knownFaults` names a check that does not exist
 */
export function describeConformance(subject: ConformanceSubject, options: SuiteOptions = {}): void {
  const { name, unavailable } = subject;
  const missing = unavailable !== undefined;
  const all = checks();
  checkKnownFaults(subject, all);
  const opening = timeoutOf({}, subject) + GRACE_MS;
  const suite = suiteOf(all, options, process.env);

  describe(`conformance of ${name}${suite.note}`, () => {
    let session: Session | undefined;
    const runs = new Runs();
    beforeAll(async () => {
      session = missing ? undefined : await Session.open(subject);
    }, opening);
    afterAll(async () => await session?.[Symbol.asyncDispose](), opening);

    it.skipIf(missing)(`opens${missing ? ` (unavailable: ${unavailable})` : ''}`, () => {
      expect(session?.device.info.id).toBeTypeOf('string');
    });

    for (const check of missing ? [] : suite.checks) {
      const declaration = declarationOf(check, subject);
      const declare = declaration.expectation === 'left out' ? it.skip : it;
      declare(
        titleOf(check, declaration),
        { timeout: timeoutOf(check, subject) + opening },
        async (context) => {
          if (!session) throw new Error('the device did not open');
          const { verdict, thrown } = await session.attempt(check);
          const { passed, failures, refused } = verdict;
          runs.add(check, verdict);
          const status = statusOf(verdict, declaration);
          if (status === 'expected') return;
          if (thrown !== undefined) throw thrown;
          context.skip(refused !== undefined && failures.length === 0, refused);
          expect(status, `it passes: take it off knownFaults (${declaration.reason})`).not.toBe('mended');
          expect(failures.join('\n')).toBe('');
          expect(passed).toBe(true);
        },
      );
    }

    for (const op of missing ? [] : primitives) {
      it(`${op} is run in at least one case`, (context) => {
        const ran = runs.wasRun(op);
        context.skip(ran === undefined, 'no case of it was run');
        expect(ran).toBe(true);
      });
    }
  });
}

/**
 * Declares one test: five training steps give the bits that a file has recorded. On the machine of the recording, the plan's
 * id and the digest of the bits must be the recorded ones; another machine may choose other kernels, and there the losses must
 * agree. With RECORD_BITS=1 in the environment it writes the file instead, unless the bits changed under the same id.
 * @param file e.g. `new URL('bits.json', import.meta.url)`
 * @param machine `any` where every machine gives the same bits
 */
export function describeBits(
  { name, open, unavailable }: Pick<ConformanceSubject, 'name' | 'open' | 'unavailable'>,
  file: { readonly href: string },
  machine: string = thisMachine(),
): void {
  const path = new URL(file.href);
  const missing = unavailable === undefined ? '' : ` (unavailable: ${unavailable})`;
  it.skipIf(missing)(`five training steps on ${name} give the recorded bits${missing}`, async () => {
    await using device = await open();
    const now: BitsRecording = {
      backend: name,
      device: device.info.text,
      node: process.versions.node,
      machine,
      ...(await trainedBits(device)),
    };
    const recorded = JSON.parse(readFileSync(path, 'utf8')) as BitsRecording;
    const recording = process.env['RECORD_BITS'] === '1';
    expect(recording ? obstacle(recorded, now) : complaint(recorded, now)).toBeUndefined();
    if (recording) writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`);
  });
}

/** The checks of a suite, and what its title says of them. */
export function suiteOf(
  all: readonly Check[],
  { subset }: SuiteOptions,
  { ISONET_TEST_ALL: everything }: Readonly<Record<string, string | undefined>>,
): { readonly checks: readonly Check[]; readonly note: string } {
  if (subset === undefined || everything === '1') return { checks: all, note: '' };
  const chosen = coveringSubset(all);
  return { checks: chosen, note: `, a covering subset: ${chosen.length} of ${all.length} checks` };
}

/** The title of a check's test. */
export function titleOf({ key }: Pick<Check, 'key'>, { expectation, reason }: Declaration): string {
  const told = { 'to pass': '', 'to fail': `, known fault: ${reason}`, 'left out': `, left out: ${reason}` };
  return `${key}${told[expectation]}`;
}
