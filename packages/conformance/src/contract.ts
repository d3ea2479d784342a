// What the author of a backend provides, and nothing more.
import type { Device } from '@isonet/core';

export interface ConformanceSubject {
  /** Backend and device, for the titles: `tfjs (wasm)`. */
  readonly name: string;
  /**
   * Called once; the suite runs everything on this one device and disposes it at the end. Called again only for a device
   * that was lost, or that did not come back from a check in time.
   */
  open(): Promise<Device>;
  /** Why there is no device on this machine, with the cure. The suite is then one skipped test that says so. */
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
