// The expected outcome of a check on a subject, and the status that follows from its verdict.
import { nearest } from '@isonet/core';
import type { Check, Verdict } from '../check/check.ts';
import type { ConformanceSubject } from './subject.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const HEAVY_FACTOR = 10;

/**
 * - 'passed', 'failed'
 * - 'refused': the device refuses it, and no smaller case replaces it. Counts as wrong.
 * - 'xfail': it is listed in `xfail`, and fails or is refused. Lowers the score, but is expected.
 * - 'unexpectedPass': it is listed in `xfail`, and passes.
 * - 'skipped': it does not apply, exceeds a size limit, or is heavy on a device that skips heavy checks. Does not count.
 */
export type Status = 'passed' | 'failed' | 'refused' | 'xfail' | 'unexpectedPass' | 'skipped';

export interface Expectation {
  readonly outcome: 'pass' | 'xfail' | 'skip';
  /** Why it is not expected to pass. */
  readonly reason?: string;
}

export function expectationOf(
  { key, heavy = false }: Pick<Check, 'key' | 'heavy'>,
  { xfail = {}, skipHeavy }: ConformanceSubject,
): Expectation {
  if (heavy && skipHeavy !== undefined) return { outcome: 'skip', reason: skipHeavy };
  const reason = Object.hasOwn(xfail, key) ? xfail[key] : undefined;
  return reason === undefined ? { outcome: 'pass' } : { outcome: 'xfail', reason };
}

/** Returns the time limit of a check in milliseconds. */
export function timeoutOf(
  { heavy = false }: Pick<Check, 'heavy'>,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: ConformanceSubject,
): number {
  return heavy ? timeoutMs * HEAVY_FACTOR : timeoutMs;
}

/** Returns the status of a check that ran. */
export function statusOf(
  { failures, refused, notApplicable }: Pick<Verdict, 'failures' | 'refused' | 'notApplicable'>,
  { outcome }: Expectation,
): Status {
  if (failures.length > 0 || refused !== undefined) {
    if (outcome === 'xfail') return 'xfail';
    return failures.length > 0 ? 'failed' : 'refused';
  }
  if (notApplicable !== undefined) return 'skipped';
  return outcome === 'xfail' ? 'unexpectedPass' : 'passed';
}

/** @throws Error if `xfail` names a check that does not exist */
export function requireKnownKeys({ xfail = {} }: ConformanceSubject, all: readonly Check[]): void {
  const keys = new Set(all.map(({ key }) => key));
  const unknown = Object.keys(xfail).filter((key) => !keys.has(key));
  if (unknown.length === 0) return;
  const named = unknown.map((key) => {
    // Both keys have the same group, so only the part after the group is compared.
    const group = key.slice(0, key.indexOf('/') + 1);
    const own = all
      .filter((check) => check.key.startsWith(group))
      .map((check) => check.key.slice(group.length));
    const rest = nearest(key.slice(group.length), own);
    const meant = rest === undefined ? undefined : group + rest;
    return meant === undefined ? key : `${key} (did you mean ${meant}?)`;
  });
  throw new Error(`xfail: unknown check ${named.join(', ')}; correct the key or remove it`);
}
