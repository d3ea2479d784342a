// A check of cases that are drawn: by fast-check from a seed, so that every machine draws the same, and shrunk to the smallest
// that still fails.
import type { Device } from '@isonet/core';
import { DeviceLostError, messageOf, shapeText } from '@isonet/core';
import { asyncProperty, check as search } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Case } from '../case/case.ts';
import { runCase } from '../case/runCase.ts';
import type { Check, Verdict } from '../check/check.ts';
import { groupOf } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import type { Drawn, RandomOptions } from './drawn.ts';

/** Any number serves, as long as it stays. */
const SEED = 20_141_224;

/** @param key that of every case that is drawn */
export function randomCheck(
  key: string,
  tier: Case['judged'],
  drawn: Arbitrary<Drawn>,
  { runs = 25, seed = SEED, path }: RandomOptions,
): Check {
  const run = async (device: Device): Promise<Verdict> => {
    const findings = new Findings();
    let refusal: string | undefined;
    let ran = 0;
    let lost: DeviceLostError | undefined;
    const property = asyncProperty(drawn, async ({ test }) => {
      const verdict = await runCase(device, test).catch((error: unknown) => {
        if (error instanceof DeviceLostError) lost ??= error;
        throw error;
      });
      if (verdict.refused !== undefined) refusal ??= verdict.refused;
      else ran++;
      if (verdict.failures.length > 0) throw new Error(verdict.failures.join('; '));
      findings.add(test.key, { worst: verdict.worst });
    });
    const outcome = await search(property, { seed, numRuns: runs, ...(path !== undefined && { path }) });
    if (lost) throw lost;
    if (outcome.failed) {
      const again = JSON.stringify({ seed: outcome.seed, path: outcome.counterexamplePath });
      const { errorInstance: error } = outcome;
      const message = messageOf(error);
      const text = outcome.counterexample === null ? 'no case' : outcome.counterexample[0].text;
      findings.add(`${text}:`, { worst: Infinity, failure: `${message} (again by randomChecks(${again}))` });
    }
    return findings.verdict(key, ran === 0 && refusal !== undefined ? { refused: refusal } : {});
  };
  return { key, group: groupOf(key), form: 'native', tier, run };
}

/** `x [1, 2, 3, 3], strides [2, 1], groups 1` */
export function textOf(geometry: Readonly<Record<string, readonly number[] | number | boolean>>): string {
  const value = (of: readonly number[] | number | boolean): string =>
    typeof of === 'object' ? shapeText(of) : String(of);
  return Object.entries(geometry)
    .map(([name, of]) => `${name} ${value(of)}`)
    .join(', ');
}
