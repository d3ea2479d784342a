// Builds checks of random cases. fast-check draws the cases from a seed, so every machine draws the same ones, and shrinks a
// failing case to the smallest that still fails.
import { type Device, DeviceLostError, messageOf } from '@isonet/core';
import { type Arbitrary, asyncProperty, check as search } from 'fast-check';
import type { Case } from '../case/case.ts';
import { runCase } from '../case/runCase.ts';
import { type Check, groupOf, type Verdict } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import type { Drawn, RandomOptions } from './drawn.ts';

/** Any number will do, as long as it never changes. */
const SEED = 20_141_224;

/** @param key the key of the check and of every case that it draws */
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
      const replay = JSON.stringify({ seed: outcome.seed, path: outcome.counterexamplePath });
      const text = outcome.counterexample?.[0].text ?? 'no case';
      const message = `${messageOf(outcome.errorInstance)} (reproduce with randomChecks(${replay}))`;
      findings.add(`${text}:`, { worst: Infinity, failure: message });
    }
    return findings.verdict(key, ran === 0 && refusal !== undefined ? { refused: refusal } : {});
  };
  return { key, group: groupOf(key), form: 'native', tier, run };
}
