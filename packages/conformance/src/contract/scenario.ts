// A check of the contract in a few steps.
import type { Claims, Device } from '@isonet/core';
import type { Check, Tier } from '../check/check.ts';
import { groupOf } from '../check/check.ts';
import { Findings } from '../check/findings.ts';

/** @param claimed whether the device claims what the scenario tests; a string says what it does not claim */
export function scenario(
  key: string,
  steps: (device: Device, findings: Findings) => Promise<void>,
  claimed?: (claims: Claims) => true | string,
  tier: Tier = 'contract',
): Check {
  const run: Check['run'] = async (device) => {
    const findings = new Findings();
    const applies = claimed?.(device.numerics.float32) ?? true;
    if (applies !== true) return findings.verdict(key, { notApplicable: applies });
    await steps(device, findings);
    return findings.verdict(key);
  };
  return { key, group: groupOf(key), form: 'native', tier, covers: () => [key], run };
}
