// Detects whether the plans of a resumed run have changed. If they have, its results may differ in their bits from those of
// a run that was never stopped.
import { BackendError } from '@isonet/core';
import type { OpenDevice } from '../devices/open.ts';
import type { RunSegment } from '../folder/segments.ts';
import { counted } from '../words.ts';

/** The reason that the results of a resumed run may differ from those of a run that was never stopped. */
export interface PlanChange {
  /** The reason, as a clause for messages. */
  readonly what: string;
  /** The fix that `--exact` suggests. */
  readonly fix: string;
}

/** Compares the plans of two segments. @returns undefined if they are the same */
export function planChange(before: RunSegment, now: RunSegment): PlanChange | undefined {
  const { fingerprint, versions } = before;
  if (fingerprint !== undefined) {
    return {
      what: `the run was saved by isonet ${versions.isonet}, whose plans cannot be compared with current ones`,
      fix: `finish it with isonet ${versions.isonet}`,
    };
  }
  const roles = Object.entries(now.plans).flatMap(([role, { id }]) =>
    before.plans[role]?.id === id ? [] : [role],
  );
  if (roles.length === 0) {
    // Plans do not cover the order of the data or the schedule, so another version may differ.
    if (versions.isonet === now.versions.isonet) return undefined;
    return {
      what: `the plans are the same, but isonet was ${versions.isonet}`,
      fix: `finish it with isonet ${versions.isonet}`,
    };
  }
  const settings = settingsBefore(before, now);
  const why =
    settings.length > 0
      ? `it ran ${settings.join(', ')}`
      : 'although the backend, device, threads and versions are the same';
  return {
    what: `${roles.join(', ')} now ${roles.length === 1 ? 'has another plan' : 'have other plans'} (${why})`,
    fix: 'resume with the same backend, device, threads and versions as before',
  };
}

/** Formats a change as a note: `..., so the bits may differ from this step on` */
export function changeText({ what }: PlanChange): string {
  return `${what}, so the bits may differ from this step on`;
}

/**
 * Rejects a run whose results are not guaranteed to match, bit for bit, those of a run that was never stopped.
 * @throws BackendError `NOT_EXACT`
 */
export function checkExact({ backend, device }: OpenDevice, change: PlanChange | undefined): void {
  const { info, numerics } = device;
  if (!numerics.float32.reproducible) {
    throw new BackendError(
      'NOT_EXACT',
      `--exact: ${backend}, ${info.id} does not guarantee that the same plan produces the same bits; leave out --exact`,
    );
  }
  if (change === undefined) return;
  throw new BackendError('NOT_EXACT', `--exact: ${change.what}; ${change.fix}, or leave out --exact`);
}

/** Lists the settings that differ now, with their earlier values. */
function settingsBefore(before: RunSegment, now: RunSegment): readonly string[] {
  const { backend, device, text, options, versions } = before;
  const sameDevice = backend === now.backend && device === now.device;
  const all: readonly (readonly [differs: boolean, text: string])[] = [
    [!sameDevice, `on ${backend}, ${device} (${text})`],
    [sameDevice && text !== now.text, `on ${device} (${text})`],
    [
      options.threads !== now.options.threads,
      options.threads === null
        ? "with the processor's threads"
        : `with ${counted(options.threads, 'thread')}`,
    ],
    [options.tf32 !== now.options.tf32, options.tf32 ? 'with TF32' : 'without TF32'],
    [versions.isonet !== now.versions.isonet, `with isonet ${versions.isonet}`],
    [versions.node !== now.versions.node, `with Node ${versions.node}`],
  ];
  return all.flatMap(([differs, setting]) => (differs ? [setting] : []));
}
