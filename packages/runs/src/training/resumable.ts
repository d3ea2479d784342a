// Checks that a run can be resumed as requested: it has steps left to train, the changed settings are valid, and its images
// are the same.
import { DataError } from '@isonet/core';
import type { ModelData } from '../data/modelData.ts';
import { UsageError } from '../errors.ts';
import type { SavedState } from '../folder/checkpoint.ts';
import { typedModel } from '../folder/network.ts';
import type { RunRecord } from '../folder/record.ts';
import type { RunFolder } from '../folder/runFolder.ts';
import type { SettingChanges } from '../folder/settingChanges.ts';
import { command } from '../shell.ts';
import { counted } from '../words.ts';
import type { ResumeRequest } from './request.ts';

/** Builds the error for a finished run if the request adds no epochs. It suggests how to continue. */
export async function finishedError(cwd: string, folder: RunFolder, record: RunRecord): Promise<DataError> {
  const model = typedModel(cwd, record);
  const more = command`npx isonet train --resume ${folder.shown} --epochs ${String(record.options.epochs + 1)}`;
  const next = (await folder.holds('weights.safetensors'))
    ? command`to start another run from its weights: npx isonet train ${model} --weights ${folder.shown}`
    : command`its weights.safetensors is missing: restore it, or start another run: npx isonet train ${model}`;
  return new DataError(
    'RUN_FINISHED',
    `run "${folder.shown}" is finished; to train it for longer: ${more}; ${next}`,
  );
}

/** The step at which a run resumes, and the steps per epoch. */
export interface RunPlace {
  readonly step: number;
  readonly perEpoch: number;
}

/** Returns the step at which a run resumes, and the steps per epoch that follow from run.json. */
export function placeOf(saved: SavedState | undefined, { steps, options }: RunRecord): RunPlace {
  return { step: saved === undefined ? 0 : saved.step, perEpoch: steps / options.epochs };
}

/** Checks changed settings against the progress of the run. @throws UsageError */
export function checkChanges(
  { epochs }: SettingChanges,
  { exact, lr }: ResumeRequest,
  run: RunPlace & {
    readonly record: RunRecord;
    readonly shown: string;
    readonly stopping: SavedState['stopping'];
  },
): void {
  const { step, perEpoch, record, shown, stopping } = run;
  if (exact && (epochs !== undefined || lr !== undefined)) {
    throw new UsageError('--exact continues the run unchanged: leave out --epochs and --lr');
  }
  const { patience } = record.options;
  if (epochs !== undefined && patience !== null && stopping && stopping.waited >= patience) {
    throw new UsageError(
      `--epochs: early stopping ended run "${shown}" after epoch ${record.history.length}, so more epochs change nothing; to start another run from its weights: ${command`--weights ${shown}`}`,
    );
  }
  const isShort = epochs !== undefined && epochs.to * perEpoch <= step;
  if (!isShort && (record.status !== 'finished' || epochs !== undefined)) return;
  const done = step / perEpoch;
  const text = Number.isInteger(done) ? counted(done, 'epoch') : `${done.toFixed(2)} epochs`;
  const got = epochs === undefined ? record.options.epochs : epochs.to;
  throw new UsageError(
    `--epochs: expected more than the ${text} that run "${shown}" has already trained, got ${got}`,
  );
}

/** @throws DataError `DATA_CHANGED` if the images are not those of the run */
export function checkData({ train, test }: ModelData, folder: RunFolder, { data }: RunRecord): void {
  const changed =
    train.sha256 !== data.sha256
      ? 'trained'
      : data.testSha256 !== undefined && test.sha256 !== data.testSha256
        ? 'tested'
        : undefined;
  if (changed === undefined) return;
  throw new DataError(
    'DATA_CHANGED',
    `run "${folder.shown}" was ${changed} on other images (${data.path}); pass their folder with --data FOLDER`,
  );
}
