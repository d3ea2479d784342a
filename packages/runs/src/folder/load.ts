// Loads the model of an existing run with its trained weights, to evaluate, predict or export it.
import { basename, dirname, join } from 'node:path';
import { DataError } from '@isonet/core';
import { classNamesOf } from '../data/describe.ts';
import { UsageError } from '../errors.ts';
import type { ModelEntry, RunModel } from '../models.ts';
import type { ModelContext } from '../ownModel/modelFile.ts';
import { picturesOf } from '../pictures.ts';
import type { TrainedModel } from '../trainedModel.ts';
import { checkWeights } from './check.ts';
import { RECORD_FIX, shown } from './fields.ts';
import type { FileRequest } from './network.ts';
import { recordedFile } from './network.ts';
import { modelOptions } from './options.ts';
import type { RunRecord } from './record.ts';
import { recordedOnnx } from './recordedOnnx.ts';
import { BEST_WEIGHTS, RunFolder } from './runFolder.ts';

/** A run's model with its trained weights. */
export interface LoadedRun extends TrainedModel {
  readonly folder: RunFolder;
  readonly record: RunRecord;
}

/**
 * Loads a run, and checks that its weights fit its model.
 * @param given the run folder, relative to `cwd`, or its best.safetensors to load those weights
 * @param file the model that the run is expected to have or, for the user's own network, the current path of its file.
 *   Default: any
 * @param option the command-line option for that file, for messages
 * @throws DataError if the folder is not a run, its model is unknown, it has no weights yet, or its files are damaged;
 *   UsageError if `file` is not the run's model
 */
export async function loadRun(
  context: ModelContext,
  given: string,
  file?: string,
  option = '--model FILE',
): Promise<LoadedRun> {
  const isBest = basename(given) === BEST_WEIGHTS;
  const { folder, record } = await RunFolder.open(context.cwd, isBest ? dirname(given) : given);
  const { entry, model } = await recordedModel(context, folder, record, { given: file, option });
  const weights = isBest ? await folder.readBest() : await folder.readWeights(record);
  checkWeights(model, weights, join(folder.shown, isBest ? BEST_WEIGHTS : 'weights.safetensors'));
  const source = {
    shown: folder.shown,
    shape: model.input.shape,
    known: record.preprocessing,
    isExternal: false,
  };
  return {
    shown: folder.shown,
    name: record.model,
    model,
    task: entry.task,
    weights,
    classes: classNamesOf(record),
    hasClassNames: true,
    preprocessing: picturesOf(source, {}),
    data: record.options.data,
    trainedOn: record.data,
    folder,
    record,
  };
}

/**
 * Returns the model of a run, built with the run's options.
 * @param request the model that the user named, if any; otherwise run.json determines it
 * @throws UsageError if the named model is not the run's; DataError `RUN_RECORD` if run.json has a model that is not in the
 *   table, a task other than the model's, or an option that the model does not have; as `recordedFile` for the user's own
 *   network, and as `recordedOnnx` for one from an ONNX file
 */
export async function recordedModel(
  context: ModelContext,
  folder: RunFolder,
  record: RunRecord,
  request: FileRequest,
): Promise<{ readonly entry: ModelEntry; readonly model: RunModel }> {
  const { network, onnx } = record;
  if (onnx !== undefined) return recordedOnnx(folder, { ...record, onnx }, request);
  if (network !== undefined) return recordedFile(context, folder, { ...record, network }, request);
  const { models: table } = context;
  const { recordFile } = folder;
  const { model: name, task, options } = record;
  const { given } = request;
  if (given !== undefined && given !== name) {
    throw new UsageError(
      `run "${folder.shown}" is a run of ${shown(name)}, not of ${given}: name ${shown(name)}, or leave the model out`,
    );
  }
  const entry = table.find((candidate) => candidate.name === name);
  if (!entry) {
    const known = table.map((candidate) => candidate.name).join(', ');
    const got = shown(JSON.stringify(name));
    throw new DataError(
      'RUN_RECORD',
      `${recordFile}: model: expected one of ${known}, got ${got}; ${RECORD_FIX}`,
    );
  }
  if (task !== entry.task.name) {
    throw new DataError(
      'RUN_RECORD',
      `${recordFile}: task: expected ${entry.task.name}, the task of ${name}, got ${shown(JSON.stringify(task))}; ${RECORD_FIX}`,
    );
  }
  if (options.batchNorm === null) {
    throw new DataError(
      'RUN_RECORD',
      `${recordFile}: options.batchNorm: expected true or false, got nothing; ${RECORD_FIX}`,
    );
  }
  if (options.dropout !== null && !entry.dropout) {
    throw new DataError(
      'RUN_RECORD',
      `${recordFile}: options.dropout: expected null, because ${name} has no configurable dropout, got ${options.dropout}; ${RECORD_FIX}`,
    );
  }
  return { entry, model: await entry.load(modelOptions(options)) };
}
