// The settings that were deliberately changed when a run was resumed. Each segment records its own.
import type { Fields } from './fields.ts';

/** The changes to the settings that can change when a run is resumed. */
export interface SettingChanges {
  readonly epochs?: SettingChange;
  readonly lr?: SettingChange;
}

/** A change of a setting, from its old value to the new one. */
export interface SettingChange {
  readonly from: number;
  readonly to: number;
}

/** A range of steps that may start with changed settings. */
export interface ChangingSegment {
  readonly step: number;
  readonly changes?: SettingChanges;
}

/** Combines the changes of all segments that start at a step or later. */
export function changesFrom(segments: readonly ChangingSegment[], step: number): SettingChanges {
  const later = segments.filter((segment) => segment.step >= step);
  return later.reduce<SettingChanges>((sum, { changes = {} }) => joined(sum, changes), {});
}

/** Combines two sets of changes, one applied after the other. */
export function joined(first: SettingChanges, then: SettingChanges): SettingChanges {
  const epochs = both(first.epochs, then.epochs);
  const lr = both(first.lr, then.lr);
  return { ...(epochs ? { epochs } : {}), ...(lr ? { lr } : {}) };
}

function both(first: SettingChange | undefined, then: SettingChange | undefined): SettingChange | undefined {
  return first && then ? { from: first.from, to: then.to } : (then ?? first);
}

/** Parses the changes in run.json. @throws DataError `RUN_RECORD` */
export function parseChanges(fields: Fields): SettingChanges {
  return {
    ...(fields.has('epochs') ? { epochs: parseChange(fields.object('epochs')) } : {}),
    ...(fields.has('lr') ? { lr: parseChange(fields.object('lr')) } : {}),
  };
}

function parseChange(fields: Fields): SettingChange {
  return { from: fields.number('from'), to: fields.number('to') };
}
