// The subject of the suite: the one device of a backend that it tests.
import type { Backend, Device, OpenOptions } from '@isonet/core';

/**
 * The interface that a backend's author implements. Every `Backend` is a subject; to test one of several devices,
 * write `{ ...mine, name: 'mine (gpu)', open: (options) => mine.open({ device: 'gpu', ...options }) }`.
 */
export interface ConformanceSubject {
  /** Backend and device, for titles: `tfjs (wasm)`. */
  readonly name: string;
  /**
   * Opens a device. The suite calls it once without options, runs everything on this one device and disposes it at
   * the end. The suite calls it again after the device was lost or hung in a check, and in the checks `backend/*`.
   */
  open(options?: OpenOptions): Promise<Device>;
  /** The backend's `probe`. Without it, the checks `backend/*` do not apply. */
  readonly probe?: Backend['probe'];
  /** Why there is no device on this machine, and the fix. The suite is then a single skipped test with this reason. */
  readonly unavailable?: string | undefined;
  /**
   * Checks that are expected to fail, by their key, each with a reason (a link to the issue). A check that passes although it
   * is listed is an unexpected pass, which is an error until it is removed from this list.
   */
  readonly xfail?: Readonly<Record<string, string>>;
  /** Why this device skips the heavy checks (GoogLeNet at 96x96 through five steps, ...). Without it, they run. */
  readonly skipHeavy?: string;
  /** The time limit of one check, default 60,000 ms. Heavy checks get ten times as long. */
  readonly timeoutMs?: number;
}
