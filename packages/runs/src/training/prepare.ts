// Prepares a new run: validates every setting, opens the device and loads the data before anything is written, then makes
// the folder.
import type { Model } from '@isonet/core';
import { batchCount } from '@isonet/core';
import type { DataSource } from '@isonet/data';
import type { ModelData } from '../data.ts';
import { describeData, firstImages, loadData } from '../data.ts';
import type { BackendEntry } from '../devices/backends.ts';
import type { OpenDevice } from '../devices/open.ts';
import { openDevice } from '../devices/open.ts';
import type { RunBackend, RunOptions, RunRecord } from '../folder/record.ts';
import { modelOptions } from '../folder/record.ts';
import type { SavedState } from '../folder/runFolder.ts';
import { RunFolder } from '../folder/runFolder.ts';
import type { ModelEntry } from '../models.ts';
import { loadModel, modelEntry } from '../models.ts';
import type { Recipe } from '../recipes.ts';
import { version } from '../version.ts';
import type { TrainRequest } from './request.ts';
import { resolveOptions } from './request.ts';

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
}

/** A run that is ready to train. The caller disposes of the device. */
export interface PreparedRun {
  readonly model: Model;
  readonly recipe: Recipe;
  readonly data: ModelData;
  readonly opened: OpenDevice;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** Where a stopped run resumes; undefined: at its first step. */
  readonly saved: SavedState | undefined;
}

/**
 * A new run of a model.
 * @throws UsageError for names and settings that make no sense; BackendError for a device that is not there; DataError for
 *   data or a folder that cannot be used
 */
export async function prepareRun(
  context: RunContext,
  modelName: string,
  request: TrainRequest,
  listener: PrepareListener = {},
): Promise<PreparedRun> {
  const { cwd, models } = context;
  const { recipe, options } = resolveOptions(modelEntry(models, modelName), request, cwd);
  const model = await loadModel(models, modelName, modelOptions(options));
  if (request.out !== undefined) await RunFolder.checkFree(cwd, request.out);
  const opened = await openDevice(context.backends, request);
  try {
    listener.onDevice?.(opened);
    const data = await loadData(cwd, request.data, model);
    listener.onData?.(data.source);
    return await createRun(cwd, { model, recipe, opened, data }, options, request.out);
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Makes the folder of a new run whose device is open and whose data are loaded.
 * @param out its folder; undefined: a free name under `runs`
 * @throws DataError when there are fewer images than requested, or the folder cannot be made
 */
export async function createRun(
  cwd: string,
  parts: Pick<PreparedRun, 'model' | 'recipe' | 'opened' | 'data'>,
  options: RunOptions,
  out?: string,
): Promise<PreparedRun> {
  const { model, opened, data } = parts;
  const images = firstImages(data.train, options.limit).length;
  const record = newRecord(model.name, options, opened, data, images);
  const name = [model.name, options.recipe, opened.backend, options.seed].join('-');
  const folder =
    out === undefined ? await RunFolder.createNumbered(cwd, name) : await RunFolder.create(cwd, out);
  return { ...parts, folder, record, saved: undefined };
}

/** The record before the first step. */
function newRecord(
  model: string,
  options: RunOptions,
  opened: OpenDevice,
  data: ModelData,
  images: number,
): RunRecord {
  const now = new Date().toISOString();
  return {
    model,
    options,
    backend: describeBackend(opened, undefined),
    data: describeData(data, options.limit),
    versions: { isonet: version(), node: process.versions.node },
    started: now,
    updated: now,
    status: 'running',
    step: 0,
    steps: batchCount(images, options.batchSize) * options.epochs,
    history: [],
  };
}

/** The device's entry in run.json, with the fingerprint of the run before, if there was one. */
export function describeBackend(
  { backend, device: { info } }: OpenDevice,
  before: RunBackend | undefined,
): RunBackend {
  const { id, kind, text } = info;
  return { name: backend, device: id, kind, text, fingerprint: before?.fingerprint ?? '' };
}
