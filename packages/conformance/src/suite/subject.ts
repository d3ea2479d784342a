// What the author of a backend provides, and nothing more.
import type { Backend, Device, OpenOptions } from '@isonet/core';

/** A Backend is one as it is; of a backend with several devices, each is one: `{ ...mine, name: 'mine (gpu)', open }`. */
export interface ConformanceSubject {
  /** Backend and device, for the titles: `tfjs (wasm)`. */
  readonly name: string;
  /**
   * Called once without options; the suite runs everything on this one device and disposes it at the end. Called again for
   * a device that was lost, or that did not come back from a check in time, and by the checks `backend/*`.
   */
  open(options?: OpenOptions): Promise<Device>;
  /** The backend's. Without it, checks of what happens before a device is open are not supported. */
  readonly probe?: Backend['probe'];
  /** Why there is no device on this machine, with the fix. The suite is then one skipped test that says so. */
  readonly unavailable?: string | undefined;
  /**
   * Faults of the device or its driver that are known, by the check's key, each with its reason (a link to the issue).
   * They are expected to fail: a check that passes again turns red until it is taken off this list.
   */
  readonly knownFaults?: Readonly<Record<string, string>>;
  /** Why this device leaves out the heavy checks (GoogLeNet at 96x96 through five steps, ...). Without it, they run. */
  readonly tooSlow?: string;
  /** For one check, default 60,000 ms: a software driver compiles shaders slowly. Heavy checks get ten times as long. */
  readonly timeoutMs?: number;
}
