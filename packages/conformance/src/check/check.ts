// A check, and the verdict that it returns. Neither depends on a test runner.
import type { Device } from '@isonet/core';
import type { ConformanceSubject } from '../suite/subject.ts';

/** The result of one check on one device. */
export interface Verdict {
  /** The key of the check. */
  readonly key: string;
  /** Whether the check ran without failures. */
  readonly passed: boolean;
  /** One line per failure; empty if the check passes, is refused or does not apply. */
  readonly failures: readonly string[];
  /** The largest error in units of its bound; Infinity if a value that must be equal differs. */
  readonly worst: number;
  /** Why the device refuses the check, which counts as wrong. */
  readonly refused?: string;
  /**
   * Why the check does not apply: the device does not claim what the check tests, or the case exceeds the device's
   * size limit.
   */
  readonly notApplicable?: string;
  /**
   * Set if a composite's native check ran: whether the device has a kernel for the composite or ran its
   * decomposition.
   */
  readonly kernel?: boolean;
}

/** 'native': the graph as written; 'decomposed': with every composite replaced by primitives beforehand. */
export type Form = 'native' | 'decomposed';

/**
 * How a check is judged.
 * - 'exact': every value equals the expected one.
 * - 'bounded': every value lies within its own bound.
 * - 'pinned': layer by layer, with each layer fed the reference's values.
 * - 'whole': a network from end to end.
 * - 'contract': by the contract between core and a backend.
 */
export type Tier = 'exact' | 'bounded' | 'pinned' | 'whole' | 'contract';

/** A test that the suite runs on every device, under a stable key. */
export interface Check {
  /** `conv2d/3x3-stride-2` */
  readonly key: string;
  /** The op under test, or `combination`, `contract`, `golden`, ...: its row in a report. */
  readonly group: string;
  readonly form: Form;
  readonly tier: Tier;
  /** Whether it takes minutes on a slow device; such a device may skip it. */
  readonly heavy?: boolean;
  /**
   * Returns the features that the check covers in a covering subset; a check without them runs only in the whole
   * suite.
   */
  readonly covers?: () => readonly string[];
  /**
   * @param subject the subject that opened the device, for checks of the backend itself
   * @throws any error of the device; it fails the check
   */
  readonly run: (device: Device, subject?: ConformanceSubject) => Promise<Verdict>;
}

/** Returns the group of a check or case, given its key: `conv2d/3x3` -> `conv2d`. */
export function groupOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
