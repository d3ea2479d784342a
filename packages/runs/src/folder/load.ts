// Loads the model of an existing run with its trained weights, to evaluate, predict or export.
import type { ImageClassifier, Task, Tensors } from '@isonet/core';
import { DataError } from '@isonet/core';
import type { ModelEntry } from '../models.ts';
import { checkWeights } from './check.ts';
import { modelOptions } from './options.ts';
import type { RunRecord } from './record.ts';
import { RunFolder } from './runFolder.ts';

/** A run's model with its trained weights. */
export interface LoadedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly model: ImageClassifier;
  readonly task: Task;
  /** Parameters and buffers, averaged where the run keeps averages, each of the model's shape and finite. */
  readonly weights: Tensors;
}

/**
 * Reads a run, and checks that its weights are those of its model.
 * @param given the run folder, relative to `cwd`
 * @throws DataError when it is not a run, is of an unknown model, has no weights yet, or its files are damaged
 */
export async function loadRun(
  { cwd, models }: { readonly cwd: string; readonly models: readonly ModelEntry[] },
  given: string,
): Promise<LoadedRun> {
  const { folder, record } = await RunFolder.open(cwd, given);
  const { entry, model } = await recordedModel(models, folder, record);
  const weights = await folder.readWeights();
  checkWeights(model, weights, `${folder.shown}/weights.safetensors`);
  return { folder, record, model, task: entry.task, weights };
}

/**
 * The model of a run, with the run's options.
 * @throws DataError `RUN_RECORD` when run.json names one that is not in the table, another task than the model's, or an option
 *   that it does not have
 */
export async function recordedModel(
  table: readonly ModelEntry[],
  { recordFile }: RunFolder,
  { model: name, task, options }: RunRecord,
): Promise<{ readonly entry: ModelEntry; readonly model: ImageClassifier }> {
  const entry = table.find((candidate) => candidate.name === name);
  if (!entry) {
    const known = table.map((candidate) => candidate.name).join(', ');
    const got = JSON.stringify(name);
    throw new DataError('RUN_RECORD', `${recordFile}: model: expected one of ${known}, got ${got}`);
  }
  if (task !== entry.task.name) {
    throw new DataError(
      'RUN_RECORD',
      `${recordFile}: task: expected ${entry.task.name}, which ${name} is trained for, got ${JSON.stringify(task)}`,
    );
  }
  if (options.dropout !== null && !entry.dropout) {
    throw new DataError(
      'RUN_RECORD',
      `${recordFile}: options.dropout: expected null, because ${name} has no dropout whose rate can be chosen, got ${options.dropout}`,
    );
  }
  return { entry, model: await entry.load(modelOptions(options)) };
}
