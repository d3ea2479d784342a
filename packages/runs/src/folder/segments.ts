// The segments of a run: who computed which steps, and by which plans. A run that is never resumed has one.
import type { DeviceInfo } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Fields } from './fields.ts';
import type { SettingChanges } from './settingChanges.ts';
import { changesFrom, joined, parseChanges } from './settingChanges.ts';

/** A plan by its id, and the memory of its program. */
export interface PlanRecord {
  readonly id: string;
  /** Bytes of device memory besides state and feeds, where they are known. */
  readonly bytes?: number;
}

/** By role: `step 256`, `part 32`, `apply`, `evaluate 256`. */
export type PlanRecords = Readonly<Record<string, PlanRecord>>;

/** A stretch of steps that one device computed. */
export interface RunSegment {
  /** Its first step, from 0. */
  readonly step: number;
  readonly backend: string;
  readonly device: string;
  readonly kind: DeviceInfo['kind'];
  /** The device, for people. */
  readonly text: string;
  /** What the device was opened with; threads: null is the processor's. */
  readonly options: { readonly threads: number | null; readonly tf32: boolean };
  readonly versions: { readonly isonet: string; readonly node: string };
  /** The settings that were changed when the run was resumed here; absent: none. */
  readonly changes?: SettingChanges;
  /** Of the programs that were compiled so far. */
  readonly plans: PlanRecords;
  /** Of the training step, in a segment that isonet 0.1.0 wrote instead of plans: it cannot be compared with their ids. */
  readonly fingerprint?: string;
}

/** In the order of their steps. */
export type RunSegments = readonly [RunSegment, ...RunSegment[]];

/** The segment that computes, or last computed. */
export function lastSegment({ segments }: { readonly segments: RunSegments }): RunSegment {
  return defined(segments.at(-1), 'the last segment of the run');
}

/**
 * The segments of a run that goes on with another one, which replaces those whose steps were not kept. Their changed settings
 * go over to it.
 */
export function withSegment(before: readonly RunSegment[], next: RunSegment): RunSegments {
  const { changes: own = {}, ...plain } = next;
  const changes = joined(changesFrom(before, next.step), own);
  const last = Object.keys(changes).length === 0 ? plain : { ...plain, changes };
  const [first, ...others] = [...before.filter(({ step }) => step < next.step), last];
  return [defined(first, 'the first segment of the run'), ...others];
}

const KINDS: readonly DeviceInfo['kind'][] = ['gpu', 'cpu', 'software'];

/** Reads the segments of run.json. @throws DataError `RUN_RECORD` when one is wrong, or there are none */
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

/** What the format isonet-run-1 says of its last device: 0.1.0 had no threads and no TF32 to choose. */
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
