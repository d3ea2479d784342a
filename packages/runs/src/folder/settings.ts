// The settings of a run. Each checkpoint holds a copy, and resuming a run compares it with run.json, so that an edited
// run.json cannot claim settings that the run was not trained with.
import type { Json } from '@isonet/core';
import { DataError } from '@isonet/core';
import { preprocessingToJson } from '@isonet/data';
import { RECORD_FIX, shown } from './fields.ts';
import { headJson } from './onnx.ts';
import type { RunRecord } from './record.ts';
import type { ChangingSegment, SettingChange } from './settingChanges.ts';
import { changesFrom } from './settingChanges.ts';

/** Settings by their paths in run.json: `options.lr`. */
export type Settings = Readonly<Record<string, Json>>;

/**
 * Returns the settings in run.json that determine how a run continues. The path of its data may change, but not its
 * contents.
 */
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
 * Compares run.json with the settings of a checkpoint and the changes since then.
 * @param saved the settings of the checkpoint; undefined for checkpoints of isonet 0.3.0 and earlier
 * @throws DataError `RUN_RECORD` naming the first setting that differs, with both values
 */
export function checkSettings(
  record: RunRecord,
  saved: Settings | undefined,
  step: number,
  file: string,
): void {
  if (saved === undefined) return;
  const expected = { ...saved, ...changed(record.segments, step) };
  // Skip settings that only one side has: they belong to another version.
  for (const [path, got] of Object.entries(settingsOf(record))) {
    const wanted = expected[path];
    if (wanted === undefined || JSON.stringify(wanted) === JSON.stringify(got)) continue;
    throw new DataError(
      'RUN_RECORD',
      `${file}: ${path}: expected ${shown(JSON.stringify(wanted))}, as in its checkpoint, got ${shown(JSON.stringify(got))}; ${fix(path)}`,
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
