// The suite as tests of vitest: the only file that knows a test runner.
import type { Device } from '@isonet/core';
import { definitionOf, opNames } from '@isonet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checks } from './checks.ts';
import type { ConformanceSubject } from './contract.ts';
import type { Check } from './verdict.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Declares the whole suite for one device, one test per check. All of a backend's test/conformance.test.ts:
 * ```ts
 * import { describeConformance } from '@isonet/conformance';
 * import { reference } from '../src/index.ts';
 * describeConformance({ name: 'reference', open: () => reference.open() });
 * ```
 * What the device refuses (`supports`), does not claim (`numerics`) or is too slow for shows as a skipped test with its
 * reason.
 * @throws Error when `knownFaults` names a check that does not exist
 */
export function describeConformance(subject: ConformanceSubject): void {
  const { name, unavailable, knownFaults = {}, timeoutMs = DEFAULT_TIMEOUT_MS } = subject;
  const missing = unavailable !== undefined;
  const all = checks();
  const unknown = Object.keys(knownFaults).filter((key) => all.every((check) => check.key !== key));
  if (unknown.length > 0) throw new Error(`knownFaults: there is no check ${unknown.join(', ')}`);

  describe(`conformance of ${name}`, () => {
    let device: Device | undefined;
    /** Of the checks that were made, which the device did not refuse. */
    const made = new Map<string, boolean>();
    beforeAll(async () => {
      device = missing ? undefined : await subject.open();
    }, timeoutMs);
    afterAll(async () => await device?.[Symbol.asyncDispose](), timeoutMs);

    it.skipIf(missing)(`opens${missing ? ` (unavailable: ${unavailable})` : ''}`, () => {
      expect(device?.info.id).toBeTypeOf('string');
    });

    for (const check of missing ? [] : all) {
      const { title, expectation, timeout } = declaration(check, subject);
      const declare = { 'to pass': it, 'to fail': it.fails, 'left out': it.skip }[expectation];
      declare(title, { timeout }, async (context) => {
        const { failures, refused } = await check.run(present(device));
        made.set(check.key, refused === undefined);
        context.skip(refused !== undefined && failures.length === 0, refused);
        expect(failures.join('\n')).toBe('');
      });
    }

    // A case may be refused for its shapes; a primitive whose every case is refused is a kernel that is missing.
    for (const op of missing ? [] : opNames.filter((any) => definitionOf(any).kind === 'primitive')) {
      it(`${op} is run in at least one case`, (context) => {
        const tried = [...made].filter(([key]) => key.startsWith(`${op}/`));
        context.skip(tried.length === 0, 'no case of it was run');
        expect(tried.some(([, ran]) => ran)).toBe(true);
      });
    }
  });
}

interface Declaration {
  readonly title: string;
  readonly expectation: 'to pass' | 'to fail' | 'left out';
  /** Milliseconds. */
  readonly timeout: number;
}

/** How a check is declared for a subject. */
export function declaration(
  { key, heavy = false }: Pick<Check, 'key' | 'heavy'>,
  { knownFaults = {}, tooSlow, timeoutMs = DEFAULT_TIMEOUT_MS }: ConformanceSubject,
): Declaration {
  const timeout = heavy ? timeoutMs * 10 : timeoutMs;
  if (heavy && tooSlow !== undefined) {
    return { title: `${key}, left out: ${tooSlow}`, expectation: 'left out', timeout };
  }
  const fault = knownFaults[key];
  if (fault !== undefined) return { title: `${key}, known fault: ${fault}`, expectation: 'to fail', timeout };
  return { title: key, expectation: 'to pass', timeout };
}

function present(device: Device | undefined): Device {
  if (!device) throw new Error('the device did not open');
  return device;
}
