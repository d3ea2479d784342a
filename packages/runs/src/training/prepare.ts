// Prepares a new run: validates every setting, opens the device, loads the data and compiles before anything is written, then
// makes the folder.
import type { ImageClassifier, Task, Tensors, WeightsReport } from '@isonet/core';
import { batchCount } from '@isonet/core';
import type { DataSource } from '@isonet/data';
import type { ModelData, TrainingImages } from '../data.ts';
import { describeData, loadData, trainingImages } from '../data.ts';
import type { BackendEntry } from '../devices/backends.ts';
import type { OpenDevice } from '../devices/open.ts';
import { openDevice } from '../devices/open.ts';
import { UsageError } from '../errors.ts';
import type { SavedState } from '../folder/checkpoint.ts';
import { describeNetwork } from '../folder/network.ts';
import type { RunOptions } from '../folder/options.ts';
import { modelOptions } from '../folder/options.ts';
import type { RunRecord } from '../folder/record.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { RunSegment } from '../folder/segments.ts';
import type { ModelEntry } from '../models.ts';
import { buildModel } from '../models.ts';
import { findModel } from '../ownModel/modelFile.ts';
import type { Recipe } from '../recipes.ts';
import { version } from '../version.ts';
import type { RunPlans, RunPrograms } from './programs.ts';
import { makeTrainer, stateOfRun } from './programs.ts';
import type { TrainRequest } from './request.ts';
import { resolveOptions } from './request.ts';
import { startingPoint } from './startingWeights.ts';

/** Where names and paths of a request are looked up. */
export interface RunContext {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly models: readonly ModelEntry[];
  readonly backends: readonly BackendEntry[];
}

/** Called while a run is prepared, each as soon as its answer is known. */
export interface PrepareListener {
  readonly onDevice?: (opened: OpenDevice) => void;
  readonly onData?: (source: DataSource) => void;
  /** Where initial weights were named: what of them is taken over. */
  readonly onWeights?: (report: WeightsReport) => void;
  /** Of a resumed run: a line for people about something that is not as it should be, though it does not stand in the way. */
  readonly onNote?: (text: string) => void;
}

/**
 * A run that is ready to train. The caller disposes of the device, and so of what is on it. Its folder is locked until it has
 * been trained, or until `folder.release()`.
 */
export interface PreparedRun extends RunPrograms {
  readonly model: ImageClassifier;
  readonly task: Task;
  readonly recipe: Recipe;
  readonly data: ModelData;
  readonly opened: OpenDevice;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** Where a stopped run resumes; undefined: at its first step. */
  readonly saved: SavedState | undefined;
  /** Says that a resumed run has other plans than before, where it has. */
  readonly planNote: string | undefined;
}

/**
 * A new run of a model.
 * @param modelName a name in the table, or the path of a file
 * @throws UsageError for names and settings that make no sense; BackendError for a device that is not there; DataError for
 *   data, weights or a folder that cannot be used
 */
export async function prepareRun(
  context: RunContext,
  modelName: string,
  request: TrainRequest,
  listener: PrepareListener = {},
): Promise<PreparedRun> {
  const { cwd } = context;
  const entry = await findModel(context, modelName);
  const { recipe, options } = resolveOptions(entry, request, cwd);
  const model = await buildModel(entry, modelOptions(options));
  const state = stateOfRun(model, options, (problem) => new UsageError(`--freeze: ${problem}`));
  const start = await startingPoint(cwd, model, state, recipe, options);
  if (request.out !== undefined) await RunFolder.checkFree(cwd, request.out);
  const opened = await openDevice(context.backends, request);
  try {
    listener.onDevice?.(opened);
    const data = await loadData(cwd, request.data, model);
    listener.onData?.(data.source);
    if (start.report) listener.onWeights?.(start.report);
    const parts = { model, task: entry.task, recipe, opened, data };
    return await createRun(
      cwd,
      { ...parts, ...(entry.file === undefined ? {} : { file: entry.file }) },
      options,
      start.values,
      request.out,
    );
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a run is made of. */
export interface NewRun extends Pick<PreparedRun, 'model' | 'task' | 'recipe' | 'opened' | 'data'> {
  /** Where a network of the user's own is defined. */
  readonly file?: string;
}

/**
 * Compiles a new run whose device is open and whose data are loaded, and makes its folder.
 * @param values the parameters, and the buffers that do not begin as declared
 * @param out its folder; undefined: a free name under `runs`
 * @throws DataError when there are fewer images than requested, or the folder cannot be made; what the device throws when it
 *   compiles
 */
export async function createRun(
  cwd: string,
  { file, ...parts }: NewRun,
  options: RunOptions,
  values: Tensors,
  out?: string,
): Promise<PreparedRun> {
  const { model, opened, data } = parts;
  const images = trainingImages(data.train, options);
  const programs = await makeTrainer(parts, options, images.train.length, values);
  let folder: RunFolder | undefined;
  try {
    const segment = newSegment(opened, 0, programs.plans);
    const record = newRecord(parts, options, segment, images);
    const name = [model.name, options.recipe, opened.backend, options.seed].join('-');
    folder = out === undefined ? await RunFolder.createNumbered(cwd, name) : await RunFolder.create(cwd, out);
    const network = file === undefined ? {} : { network: describeNetwork(folder, file, model) };
    const described = { ...record, ...network };
    return { ...parts, ...programs, folder, record: described, saved: undefined, planNote: undefined };
  } catch (error) {
    await folder?.release();
    await programs.trainer[Symbol.asyncDispose]();
    throw error;
  }
}

/** The record before the first step. */
function newRecord(
  { model, task, data }: Pick<PreparedRun, 'model' | 'task' | 'data'>,
  options: RunOptions,
  segment: RunSegment,
  images: TrainingImages,
): RunRecord {
  const now = new Date().toISOString();
  return {
    model: model.name,
    task: task.name,
    options,
    data: describeData(data, images),
    segments: [segment],
    started: now,
    updated: now,
    status: 'running',
    step: 0,
    steps: batchCount(images.train.length, options.batchSize) * options.epochs,
    history: [],
  };
}

/** The entry in run.json of who computes the steps from `step` on. */
export function newSegment(
  { backend, device: { info }, settings }: OpenDevice,
  step: number,
  { records }: RunPlans,
): RunSegment {
  const { threads, tf32 = false } = settings;
  return {
    step,
    backend,
    device: info.id,
    kind: info.kind,
    text: info.text,
    options: { threads: threads === undefined ? null : threads, tf32 },
    versions: { isonet: version, node: process.versions.node },
    plans: records,
  };
}
