// The segments of a run: which device computed which steps, and with which plans. A run that was never resumed has one.
import type { DeviceInfo } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Fields } from './fields.ts';
import type { SettingChanges } from './settingChanges.ts';
import { changesFrom, joined, parseChanges } from './settingChanges.ts';

/** The id of a plan, and the memory of its program. */
export interface PlanRecord {
  readonly id: string;
  /** The device memory in bytes, excluding state and feeds, if it is known. */
  readonly bytes?: number;
}

/** Plans by role: `step 256`, `part 32`, `apply`, `evaluate 256`. */
export type PlanRecords = Readonly<Record<string, PlanRecord>>;

/** A range of steps that one device computed. */
export interface RunSegment {
  /** Its first step, from 0. */
  readonly step: number;
  readonly backend: string;
  readonly device: string;
  readonly kind: DeviceInfo['kind'];
  /** A description of the device. */
  readonly text: string;
  /** The options of the device. If `threads` is null, the device uses as many as the processor has. */
  readonly options: { readonly threads: number | null; readonly tf32: boolean };
  readonly versions: { readonly isonet: string; readonly node: string };
  /** The settings that were changed when this segment was resumed; undefined: none. */
  readonly changes?: SettingChanges;
  /** The plans of the programs compiled so far. */
  readonly plans: PlanRecords;
  /**
   * The fingerprint of the training step, which isonet 0.1.0 wrote instead of plans. It cannot be compared with plan ids.
   */
  readonly fingerprint?: string;
}

/** The segments in the order of their steps. */
export type RunSegments = readonly [RunSegment, ...RunSegment[]];

/** Returns the current or last segment. */
export function lastSegment({ segments }: { readonly segments: RunSegments }): RunSegment {
  return defined(segments.at(-1), 'the last segment of the run');
}

/**
 * Appends a segment to those of a run. The new segment replaces those whose steps were not saved, and keeps their changes
 * of settings.
 */
export function withSegment(before: readonly RunSegment[], next: RunSegment): RunSegments {
  const { changes: own = {}, ...plain } = next;
  const changes = joined(changesFrom(before, next.step), own);
  const last = Object.keys(changes).length === 0 ? plain : { ...plain, changes };
  const [first, ...others] = [...before.filter(({ step }) => step < next.step), last];
  return [defined(first, 'the first segment of the run'), ...others];
}

const KINDS: readonly DeviceInfo['kind'][] = ['gpu', 'cpu', 'software'];

/** Parses the segments in run.json. @throws DataError `RUN_RECORD` if one is invalid, or there are none */
export function parseSegments(fields: Fields): RunSegments {
  const [first, ...others] = fields.list('segments').map(parseSegment);
  if (!first) throw fields.wrong('segments', 'at least one', []);
  return [first, ...others];
}

function parseSegment(fields: Fields): RunSegment {
  const [options, versions] = [fields.object('options'), fields.object('versions')];
  return {
    step: fields.whole('step', 0),
    backend: fields.text('backend'),
    device: fields.text('device'),
    kind: fields.oneOf('kind', KINDS),
    text: fields.text('text'),
    options: {
      threads: options.has('threads') ? options.whole('threads', 1) : null,
      tf32: options.flag('tf32'),
    },
    versions: { isonet: versions.text('isonet'), node: versions.text('node') },
    ...(fields.has('changes') ? { changes: parseChanges(fields.object('changes')) } : {}),
    plans: Object.fromEntries(fields.objects('plans').map(([role, plan]) => [role, parsePlan(plan)])),
    ...(fields.has('fingerprint') ? { fingerprint: fields.text('fingerprint') } : {}),
  };
}

function parsePlan(fields: Fields): PlanRecord {
  return { id: fields.text('id'), ...(fields.has('bytes') ? { bytes: fields.whole('bytes', 0) } : {}) };
}

/** Parses the last device in the format isonet-run-1. isonet 0.1.0 had no options for threads and TF32. */
export function parseOldSegment(fields: Fields): RunSegment {
  const [backend, versions] = [fields.object('backend'), fields.object('versions')];
  return {
    step: 0,
    backend: backend.text('name'),
    device: backend.text('device'),
    kind: backend.oneOf('kind', KINDS),
    text: backend.text('text'),
    options: { threads: null, tf32: false },
    versions: { isonet: versions.text('isonet'), node: versions.text('node') },
    plans: {},
    fingerprint: backend.text('fingerprint'),
  };
}
