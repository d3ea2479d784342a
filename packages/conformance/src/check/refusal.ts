// The verdict on a check that a device refuses.
import type { UnsupportedOpError } from '@isonet/core';
import type { Verdict } from './check.ts';

/** Appended to a refusal that counts as wrong although the size of the tensors is its only reason. */
const NO_SMALLER_CASE = 'this check has no smaller variant, so raise the limit or list it in xfail';

/** Returns whether the device would run every refused node on smaller tensors. */
export function isTooLarge({ refusals }: UnsupportedOpError): boolean {
  return refusals.length > 0 && refusals.every(({ limit }) => limit === 'size');
}

/** Builds the verdict on a refused check that counts as wrong. */
export function refusedVerdict(key: string, error: UnsupportedOpError): Verdict {
  const refused = isTooLarge(error) ? `${error.message}; ${NO_SMALLER_CASE}` : error.message;
  return { key, passed: false, worst: 0, failures: [], refused };
}
