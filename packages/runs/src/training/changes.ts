// Whether a resumed run is computed by the plans that it was computed by before. Where it is not, its bits differ from those of
// a run that was never stopped.
import { BackendError } from '@isonet/core';
import type { OpenDevice } from '../devices/open.ts';
import type { RunSegment } from '../folder/segments.ts';

export interface PlanChange {
  /** A clause for people. */
  readonly what: string;
  /** What follows for the bits of the run. */
  readonly consequence: string;
}

/** Undefined where every plan is as before. */
export function planChange(before: RunSegment, now: RunSegment): PlanChange | undefined {
  if (before.fingerprint !== undefined) {
    return {
      what: `the run was saved by an older isonet (${before.versions.isonet}), whose plans cannot be compared with those of today`,
      consequence: 'the bits may differ from here on',
    };
  }
  const roles = Object.entries(now.plans).flatMap(([role, { id }]) =>
    before.plans[role]?.id === id ? [] : [role],
  );
  if (roles.length === 0) return undefined;
  const settings = settingsBefore(before, now);
  const why =
    settings.length > 0
      ? `before: ${settings.join('; ')}`
      : 'by the same backend, device, threads and versions';
  return {
    what: `this machine computes ${roles.join(', ')} by another plan than before (${why})`,
    consequence: 'the bits may differ from here on',
  };
}

/** `...: the bits may differ from here on` */
export function changeText({ what, consequence }: PlanChange): string {
  return `${what}: ${consequence}`;
}

/**
 * Refuses to resume where the bits are not certain to be those of a run that was never stopped.
 * @throws BackendError `NOT_EXACT`
 */
export function checkExact({ backend, device }: OpenDevice, change: PlanChange | undefined): void {
  const { info, numerics } = device;
  const reason = numerics.float32.reproducible
    ? change?.what
    : `${backend}, ${info.id} does not claim that the same plan gives the same bits`;
  if (reason === undefined) return;
  throw new BackendError(
    'NOT_EXACT',
    `--exact: ${reason}; resume with the backend, device, threads and versions of before, or leave out --exact`,
  );
}

/** What differs now, as it was. */
function settingsBefore(before: RunSegment, now: RunSegment): readonly string[] {
  const { backend, device, text, options, versions } = before;
  const sameDevice = backend === now.backend && device === now.device;
  const all: readonly (readonly [differs: boolean, text: string])[] = [
    [!sameDevice, `backend ${backend}, device ${device} (${text})`],
    [sameDevice && text !== now.text, text],
    [
      options.threads !== now.options.threads,
      options.threads === null ? "the processor's threads" : `--threads ${options.threads}`,
    ],
    [options.tf32 !== now.options.tf32, options.tf32 ? '--tf32' : 'no --tf32'],
    [versions.isonet !== now.versions.isonet, `isonet ${versions.isonet}`],
    [versions.node !== now.versions.node, `Node ${versions.node}`],
  ];
  return all.flatMap(([differs, setting]) => (differs ? [setting] : []));
}
