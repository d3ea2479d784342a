// A table of backends: names and dynamic imports, which whoever opens devices passes in. No backend loads until it is asked
// for.
import type { Backend, Probe } from '@isonet/core';
import { messageOf } from '@isonet/core';

/** Why a check of the conformance suite is expected to fail, by device id and key of the check. */
export type ExpectedFailures = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A backend by the name that requests give, not yet loaded. */
export interface BackendEntry {
  readonly name: string;
  /** For the conformance suite. */
  readonly xfail?: ExpectedFailures;
  /** Imports it. Rejects when it is not installed. */
  load(): Promise<Backend>;
  /** The same backend on the calling thread, where `load` gives one whose devices compute in workers. */
  readonly loadHere?: () => Promise<Backend>;
}

/**
 * The entry of the backend on the calling thread: for predictions, which take less time than messages to and from a worker are worth.
 * Entries that know no such backend stay as they are.
 */
export function onThisThread(entry: BackendEntry): BackendEntry {
  const { loadHere } = entry;
  return loadHere ? { ...entry, load: loadHere } : entry;
}

/** The backend's own answer; a backend that does not load is reported as absent. Never throws. */
export async function probe(entry: BackendEntry): Promise<Probe> {
  let backend: Backend;
  try {
    backend = await entry.load();
  } catch (error) {
    const fix = `npm install @isonet/backend-${entry.name}`;
    return { ok: false, code: 'NOT_LOADED', reason: `it does not load: ${messageOf(error)}`, fix };
  }
  try {
    return await backend.probe();
  } catch (error) {
    const fix = 'report it to the author of the backend: a probe never throws';
    return { ok: false, code: 'PROBE_FAILED', reason: `its probe throws: ${messageOf(error)}`, fix };
  }
}
