// Entries for tables of backends, which callers pass in to open devices. Backends are imported dynamically, so none loads
// until it is needed.
import type { Backend, Probe } from '@isonet/core';
import { messageOf } from '@isonet/core';

/** The reasons for expected failures, by device and by the key of a check of the conformance suite. */
export type ExpectedFailures = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A backend that is not loaded yet, by its name in requests. */
export interface BackendEntry {
  readonly name: string;
  readonly xfail?: ExpectedFailures;
  /** Imports the backend. Rejects if it is not installed. */
  load(): Promise<Backend>;
  /** Imports the same backend on the calling thread, if `load` returns one whose devices compute in workers. */
  readonly loadHere?: () => Promise<Backend>;
}

/**
 * Returns an entry that runs the backend on the calling thread, for predictions, which are faster without messages to a
 * worker. Entries without `loadHere` are returned unchanged.
 */
export function onThisThread(entry: BackendEntry): BackendEntry {
  const { loadHere } = entry;
  return loadHere ? { ...entry, load: loadHere } : entry;
}

/** Returns the backend's own probe, or reports a backend that does not load as absent. Never throws. */
export async function probe(entry: BackendEntry): Promise<Probe> {
  let backend: Backend;
  try {
    backend = await entry.load();
  } catch (error) {
    const fix = `npm install @isonet/backend-${entry.name}`;
    return { ok: false, code: 'NOT_LOADED', reason: `the backend does not load: ${messageOf(error)}`, fix };
  }
  try {
    return await backend.probe();
  } catch (error) {
    const fix = 'report it to the author of the backend: a probe must not throw';
    return { ok: false, code: 'PROBE_FAILED', reason: `the probe throws: ${messageOf(error)}`, fix };
  }
}
