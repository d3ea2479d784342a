// The settings of a run, once more in each checkpoint: an edit of run.json is noticed when the run is resumed, because no run can
// have been trained with one learning rate and then claim another.
import type { Json } from '@isonet/core';
import { DataError } from '@isonet/core';
import { preprocessingToJson } from '@isonet/data';
import { RECORD_FIX, shown } from './fields.ts';
import { headJson } from './onnx.ts';
import type { RunRecord } from './record.ts';
import type { ChangingSegment, SettingChange } from './settingChanges.ts';
import { changesFrom } from './settingChanges.ts';

/** By their paths in run.json: `options.lr`. */
export type Settings = Readonly<Record<string, Json>>;

/** What of run.json decides how a run goes on. Where its data lie may change; what they hold may not. */
export function settingsOf({ model, task, options, data, onnx, preprocessing }: RunRecord): Settings {
  const { train, validation = null, test, sha256, testSha256 = null } = data;
  return Object.fromEntries([
    ['model', model],
    ['task', task],
    ...named('options', { ...options }).filter(([path]) => path !== 'options.data'),
    ...named('data', { train, validation, test, sha256, testSha256 }),
    ...named(
      'onnx',
      onnx === undefined ? {} : { sha256: onnx.sha256, dims: onnx.dims, head: headJson(onnx) },
    ),
    ...named('preprocessing', preprocessing === undefined ? {} : { ...preprocessingToJson(preprocessing) }),
  ]);
}

/**
 * Compares run.json with the settings of a checkpoint, and of the changes since.
 * @param saved undefined in checkpoints of isonet 0.3.0 and before
 * @throws DataError `RUN_RECORD` naming the first setting that differs, with its value then and now
 */
export function checkSettings(
  record: RunRecord,
  saved: Settings | undefined,
  step: number,
  file: string,
): void {
  if (saved === undefined) return;
  const expected = { ...saved, ...changed(record.segments, step) };
  // A setting that either side does not know is another version's.
  for (const [path, got] of Object.entries(settingsOf(record))) {
    const wanted = expected[path];
    if (wanted === undefined || JSON.stringify(wanted) === JSON.stringify(got)) continue;
    throw new DataError(
      'RUN_RECORD',
      `${file}: ${path}: expected ${shown(JSON.stringify(wanted))}, as its checkpoint says, got ${shown(JSON.stringify(got))}; ${fix(path)}`,
    );
  }
}

function changed(segments: readonly ChangingSegment[], step: number): Settings {
  const changes = Object.entries(changesFrom(segments, step));
  return Object.fromEntries(
    changes.map(([name, { to }]: readonly [string, SettingChange]) => [`options.${name}`, to]),
  );
}

function named(path: string, values: Readonly<Record<string, Json>>): readonly (readonly [string, Json])[] {
  return Object.entries(values).map(([name, value]) => [`${path}.${name}`, value]);
}

function fix(path: string): string {
  const option = { 'options.epochs': '--epochs', 'options.lr': '--lr' }[path];
  return option === undefined
    ? RECORD_FIX
    : `restore it, then change it with: npx isonet train --resume RUN ${option} N`;
}
