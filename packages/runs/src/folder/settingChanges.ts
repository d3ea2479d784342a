// Settings that were changed on purpose when a run was resumed. Each segment records its own.
import type { Fields } from './fields.ts';

/** The settings that can be changed, each from what to what. */
export interface SettingChanges {
  readonly epochs?: SettingChange;
  readonly lr?: SettingChange;
}

/** The value before, and from then on. */
export interface SettingChange {
  readonly from: number;
  readonly to: number;
}

/** A stretch of steps that may begin with changes. */
export interface ChangingSegment {
  readonly step: number;
  readonly changes?: SettingChanges;
}

/** What the segments that begin at a step, or later, have changed, all in all. */
export function changesFrom(segments: readonly ChangingSegment[], step: number): SettingChanges {
  const later = segments.filter((segment) => segment.step >= step);
  return later.reduce<SettingChanges>((sum, { changes = {} }) => joined(sum, changes), {});
}

/** One change after another. */
export function joined(first: SettingChanges, then: SettingChanges): SettingChanges {
  const epochs = both(first.epochs, then.epochs);
  const lr = both(first.lr, then.lr);
  return { ...(epochs ? { epochs } : {}), ...(lr ? { lr } : {}) };
}

function both(first: SettingChange | undefined, then: SettingChange | undefined): SettingChange | undefined {
  return first && then ? { from: first.from, to: then.to } : (then ?? first);
}

/** Reads them from run.json. @throws DataError `RUN_RECORD` */
export function parseChanges(fields: Fields): SettingChanges {
  return {
    ...(fields.has('epochs') ? { epochs: parseChange(fields.object('epochs')) } : {}),
    ...(fields.has('lr') ? { lr: parseChange(fields.object('lr')) } : {}),
  };
}

function parseChange(fields: Fields): SettingChange {
  return { from: fields.number('from'), to: fields.number('to') };
}
