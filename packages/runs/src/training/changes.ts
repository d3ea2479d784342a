// Whether a resumed run is computed by the plans that it was computed by before. Where it is not, its bits differ from those of
// a run that was never stopped.
import { BackendError } from '@isonet/core';
import type { OpenDevice } from '../devices/open.ts';
import type { RunSegment } from '../folder/segments.ts';

/** One clause for people; undefined when every plan is as before. */
export function planChange(before: RunSegment, now: RunSegment): string | undefined {
  if (before.fingerprint !== undefined) {
    const { isonet } = before.versions;
    return `the run was saved by an older isonet (${isonet}), whose plans cannot be compared with those of today: the bits may differ from here on`;
  }
  const roles = Object.entries(now.plans).flatMap(([role, { id }]) =>
    before.plans[role]?.id === id ? [] : [role],
  );
  if (roles.length === 0) return undefined;
  const settings = settingsBefore(before, now);
  const cause =
    settings.length > 0 ? `before: ${settings.join('; ')}` : 'the same backend, device, threads and versions';
  return `this machine computes ${roles.join(', ')} by another plan than before (${cause}): the bits will differ from here on`;
}

/**
 * Refuses to resume where the bits are not certain to be those of a run that was never stopped.
 * @param change of the plans, see {@link planChange}
 * @throws BackendError `NOT_EXACT`
 */
export function checkExact({ backend, device }: OpenDevice, change: string | undefined): void {
  const { info, numerics } = device;
  const reason = numerics.float32.reproducible
    ? change
    : `${backend}, ${info.id} does not claim that the same plan gives the same bits`;
  if (reason === undefined) return;
  throw new BackendError(
    'NOT_EXACT',
    `--exact: ${reason}; resume with what the run was computed with, or leave out --exact`,
  );
}

/** What differs now, as it was. */
function settingsBefore(before: RunSegment, now: RunSegment): readonly string[] {
  const device = ({ backend, device: id, text }: RunSegment): string =>
    `backend ${backend}, device ${id} (${text})`;
  const threads = ({ options }: RunSegment): string =>
    options.threads === null ? 'no --threads' : `--threads ${options.threads}`;
  const tf32 = ({ options }: RunSegment): string => (options.tf32 ? '--tf32' : 'no --tf32');
  const isonet = ({ versions }: RunSegment): string => `isonet ${versions.isonet}`;
  const node = ({ versions }: RunSegment): string => `Node ${versions.node}`;
  return [device, threads, tf32, isonet, node].flatMap((text) =>
    text(before) === text(now) ? [] : [text(before)],
  );
}
