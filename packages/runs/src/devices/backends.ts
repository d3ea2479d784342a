// A table of backends: names and dynamic imports, which whoever opens devices passes in. No backend loads until it is asked
// for.
import type { Backend, Probe } from '@isonet/core';
import { messageOf } from '@isonet/core';

/** By device, by the key of a check of the conformance suite: why it is expected to fail there. */
export type KnownFaults = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A backend by the name that requests give, not yet loaded. */
export interface BackendEntry {
  readonly name: string;
  readonly knownFaults?: KnownFaults;
  /** Imports it. Rejects when it is not installed. */
  load(): Promise<Backend>;
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
