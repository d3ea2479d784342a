// The suite as tests of vitest: the only file that knows a test runner.
import type { Device } from '@isonet/core';
import { definitionOf, opNames } from '@isonet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cases } from './cases/index.ts';
import type { ConformanceSubject } from './contract.ts';
import { readGoldenNin } from './goldenFile.ts';
import { goldenNin } from './goldenNin.ts';
import { runCase } from './runCase.ts';
import { scenarios } from './scenarios/index.ts';
import type { Check } from './verdict.ts';

/** Everything that a device is asked, in order: ops, the contract, PyTorch's numbers. */
export function checks(): readonly Check[] {
  const ops = cases.map((test) => ({ key: test.key, run: (device: Device) => runCase(device, test) }));
  return [...ops, ...scenarios, ...goldenNin(readGoldenNin())];
}

/**
 * Declares the whole suite for one device, one test per check. All of a backend's test/conformance.test.ts:
 * ```ts
 * import { describeConformance } from '@isonet/conformance';
 * import { reference } from '../src/index.ts';
 * describeConformance({ name: 'reference', open: () => reference.open() });
 * ```
 * What the device refuses (`supports`) or does not claim (`numerics`) shows as a skipped test with its reason.
 * @throws Error when `knownFaults` names a check that does not exist
 */
export function describeConformance(subject: ConformanceSubject): void {
  const { name, unavailable, knownFaults = {}, timeoutMs = 60_000 } = subject;
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

    for (const { key, run } of missing ? [] : all) {
      const fault = knownFaults[key];
      const declare = fault === undefined ? it : it.fails;
      declare(
        `${key}${fault === undefined ? '' : `, known fault: ${fault}`}`,
        { timeout: timeoutMs },
        async (context) => {
          const { failures, refused } = await run(present(device));
          made.set(key, refused === undefined);
          context.skip(refused !== undefined && failures.length === 0, refused);
          expect(failures.join('\n')).toBe('');
        },
      );
    }

    // A case may be refused for its shapes; a primitive whose every case is refused is a kernel that is missing.
    for (const op of missing ? [] : opNames.filter((name) => definitionOf(name).kind === 'primitive')) {
      it(`${op} is run in at least one case`, (context) => {
        const tried = [...made].filter(([key]) => key.startsWith(`${op}/`));
        context.skip(tried.length === 0, 'no case of it was run');
        expect(tried.some(([, ran]) => ran)).toBe(true);
      });
    }
  });
}

function present(device: Device | undefined): Device {
  if (!device) throw new Error('the device did not open');
  return device;
}
