// What is expected of a check on a subject, and what its verdict then means: the same for every face of the suite.
import { definitionOf, opNames } from '@isonet/core';
import type { ConformanceSubject } from './subject.ts';
import type { Check, Verdict } from '../check/check.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const HEAVY_FACTOR = 10;

/**
 * 'expected': it fails, as `knownFaults` says. 'mended': it passes, though `knownFaults` has it. 'unsupported': the device
 * refuses it, does not claim it, or has no kernel of its own for the composite. 'leftOut': the subject is too slow for it.
 */
export type Status = 'passed' | 'failed' | 'expected' | 'mended' | 'unsupported' | 'leftOut';

export interface Declaration {
  readonly expectation: 'to pass' | 'to fail' | 'left out';
  /** Why it is not expected to pass. */
  readonly reason?: string;
}

export function declarationOf(
  { key, heavy = false }: Pick<Check, 'key' | 'heavy'>,
  { knownFaults = {}, tooSlow }: ConformanceSubject,
): Declaration {
  if (heavy && tooSlow !== undefined) return { expectation: 'left out', reason: tooSlow };
  const fault = Object.hasOwn(knownFaults, key) ? knownFaults[key] : undefined;
  return fault === undefined ? { expectation: 'to pass' } : { expectation: 'to fail', reason: fault };
}

/** Milliseconds that a check may take. */
export function timeoutOf(
  { heavy = false }: Pick<Check, 'heavy'>,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: ConformanceSubject,
): number {
  return heavy ? timeoutMs * HEAVY_FACTOR : timeoutMs;
}

/** Of a check that was run. */
export function statusOf(
  { passed, failures, refused, notNative }: Omit<Verdict, 'key'>,
  { expectation }: Declaration,
): Status {
  const refusedOnly = refused !== undefined && failures.length === 0;
  if (refusedOnly) return 'unsupported';
  if (!passed) return expectation === 'to fail' ? 'expected' : 'failed';
  if (expectation === 'to fail') return 'mended';
  return notNative ? 'unsupported' : 'passed';
}

/** @throws Error when `knownFaults` names a check that does not exist */
export function checkKnownFaults({ knownFaults = {} }: ConformanceSubject, all: readonly Check[]): void {
  const keys = new Set(all.map(({ key }) => key));
  const unknown = Object.keys(knownFaults).filter((key) => !keys.has(key));
  if (unknown.length > 0) throw new Error(`knownFaults: there is no check ${unknown.join(', ')}`);
}

export const primitives: readonly string[] = opNames.filter((op) => definitionOf(op).kind === 'primitive');

/** Which subjects were asked, and whether the device ran at least one check of each. */
export class Runs {
  readonly #ran = new Map<string, boolean>();

  add({ group }: Check, { refused }: Verdict): void {
    this.#ran.set(group, this.wasRun(group) === true || refused === undefined);
  }

  /**
   * Undefined where nothing of it was asked. A case may be refused for its shapes; a primitive whose every case is refused
   * is a kernel that is missing.
   */
  wasRun(group: string): boolean | undefined {
    return this.#ran.get(group);
  }
}
