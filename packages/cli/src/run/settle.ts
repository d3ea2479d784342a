// Settles a run before anything is written: which model, by which settings, on which device and data, into which folder.
// All that can be wrong with what was asked for is found here.
import { resolve } from 'node:path';
import type { Model } from '@isonet/core';
import { BackendError, batchCount, DataError, messageOf } from '@isonet/core';
import type { Recipe, RecipeName } from '@isonet/models';
import { recipes } from '@isonet/models';
import type { OpenDevice, Wish } from '../backends.ts';
import { backendLine, openDevice } from '../backends.ts';
import type { Context } from '../cli.ts';
import type { Io } from '../io.ts';
import { printLine } from '../io.ts';
import type { ModelEntry } from '../models.ts';
import { loadModel, modelEntry } from '../models.ts';
import { count } from '../show/text.ts';
import { unknownName, UsageError } from '../usage.ts';
import { version } from '../version.ts';
import { checkState } from './check.ts';
import type { ModelData } from './data.ts';
import { describeData, digestOf, firstImages, loadData } from './data.ts';
import type { SavedState } from './folder.ts';
import { RunFolder } from './folder.ts';
import type { RunBackend, RunOptions, RunRecord } from './record.ts';
import { modelOptions } from './record.ts';

/** What `isonet train` was asked for. */
export interface TrainOptions {
  readonly backend?: string;
  readonly device?: string;
  readonly recipe?: string;
  readonly epochs?: number;
  readonly lr?: number;
  readonly batchSize?: number;
  readonly microBatch?: number;
  readonly batchNorm?: boolean;
  readonly dropout?: number;
  readonly seed?: number;
  readonly data?: string;
  readonly limit?: number;
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

/** A run that can begin; who settled it disposes of the device. */
export interface SettledRun {
  readonly model: Model;
  readonly recipe: Recipe;
  readonly data: ModelData;
  readonly opened: OpenDevice;
  readonly folder: RunFolder;
  readonly record: RunRecord;
  readonly saved: SavedState | undefined;
}

/** A new run of a model. */
export async function settleNew(
  context: Context,
  modelName: string | undefined,
  wish: TrainOptions,
): Promise<SettledRun> {
  const { io, models } = context;
  if (modelName === undefined) {
    const example = models[0]?.name ?? 'MODEL';
    throw new UsageError(`which model? isonet train ${example}; or --resume RUN to go on with one`);
  }
  const entry = modelEntry(models, modelName);
  const { recipe, options } = runOptions(entry, wish, io.cwd);
  const model = await loadModel(models, modelName, modelOptions(options));
  if (wish.out !== undefined) await RunFolder.checkFree(io.cwd, wish.out);
  const opened = await openDevice(context.backends, wish);
  try {
    say(io, wish, backendLine(opened));
    const data = await loadData(io.cwd, wish.data, model);
    say(io, wish, data.source.text);
    return await settleOn(io, { model, recipe, opened, data }, options, wish);
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

export type SettledParts = Pick<SettledRun, 'model' | 'recipe' | 'opened' | 'data'>;

/** Makes the folder of a new run whose device and data are there. */
export async function settleOn(
  io: Io,
  { model, recipe, opened, data }: SettledParts,
  options: RunOptions,
  wish: TrainOptions,
): Promise<SettledRun> {
  const images = firstImages(data.train, options.limit).length;
  const record = newRecord(model.name, options, opened, data, images);
  const name = [model.name, options.recipe, opened.backend, options.seed].join('-');
  const folder =
    wish.out === undefined
      ? await RunFolder.createNumbered(io.cwd, name)
      : await RunFolder.create(io.cwd, wish.out);
  say(io, wish, planLine(record, folder, images));
  return { model, recipe, data, opened, folder, record, saved: undefined };
}

/** A stopped run, where it stands. */
export async function settleResumed(
  context: Context,
  modelName: string | undefined,
  wish: TrainOptions,
  given: string,
): Promise<SettledRun> {
  const { io } = context;
  checkResumeOptions(wish);
  const { folder, record } = await RunFolder.open(io.cwd, given);
  if (modelName !== undefined && modelName !== record.model) {
    throw new UsageError(
      `--resume ${given} is a run of ${record.model}, not of ${modelName}: leave the model out`,
    );
  }
  if (record.status === 'finished') {
    throw new DataError(
      'RUN_FINISHED',
      `run "${folder.shown}" is finished (${record.history.length} epochs): nothing to go on with; start another with isonet train`,
    );
  }
  const { network } = modelEntry(context.models, record.model);
  const recipe = recipes[record.options.recipe][network];
  const model = await loadModel(context.models, record.model, modelOptions(record.options));
  const saved = await folder.readCheckpoint();
  if (saved) checkState(model, recipe.optimizer, saved.values, folder.shown);
  else if (record.step > 0) {
    throw new DataError(
      'CHECKPOINT_MISSING',
      `run "${folder.shown}" stopped after ${count(record.step)} steps, and its checkpoint.safetensors is gone: start another with isonet train`,
    );
  }
  const opened = await openAgain(context, wish, record.backend);
  try {
    say(io, wish, backendLine(opened));
    const data = await loadData(io.cwd, wish.data ?? record.options.data ?? undefined, model);
    say(io, wish, data.source.text);
    if (digestOf(data) !== record.data.sha256) {
      throw new DataError(
        'DATA_CHANGED',
        `run "${folder.shown}" was trained on other images (${record.data.path}); name them with --data FOLDER`,
      );
    }
    const done = saved?.progress.step ?? 0;
    say(io, wish, `${folder.shown}: goes on after ${count(done)} of ${count(record.steps)} steps`);
    return {
      model,
      recipe,
      data,
      opened,
      folder,
      record: { ...record, backend: backendOf(opened, record.backend) },
      saved,
    };
  } catch (error) {
    await opened.device[Symbol.asyncDispose]();
    throw error;
  }
}

/** On the device that it began on, unless another one is named. */
async function openAgain(context: Context, wish: Wish, before: RunBackend): Promise<OpenDevice> {
  if (wish.backend !== undefined || wish.device !== undefined) {
    return openDevice(context.backends, { backend: wish.backend ?? before.name, device: wish.device });
  }
  try {
    const opened = await openDevice(context.backends, { backend: before.name, device: before.device });
    return { ...opened, why: 'as the run began' };
  } catch (error) {
    const text = messageOf(error);
    throw new BackendError(
      'NOT_HERE',
      `the run began on ${before.name}, ${before.device}: ${text}; or go on elsewhere with --backend auto`,
      { cause: error },
    );
  }
}

/** The recipe's numbers where nothing else was asked for. */
export function runOptions(
  { network, dropout }: ModelEntry,
  wish: TrainOptions,
  cwd: string,
): { readonly recipe: Recipe; readonly options: RunOptions } {
  const name = wish.recipe ?? 'book';
  if (!isRecipe(name)) throw unknownName('recipe', name, Object.keys(recipes));
  const recipe = recipes[name][network];
  const options = {
    recipe: name,
    epochs: wish.epochs ?? recipe.epochs,
    lr: wish.lr ?? recipe.lr,
    batchSize: wish.batchSize ?? recipe.batchSize,
    microBatchSize: wish.microBatch ?? null,
    seed: wish.seed ?? 0,
    batchNorm: wish.batchNorm ?? recipe.batchNorm,
    dropout: wish.dropout ?? (dropout ? recipe.dropoutRate : undefined) ?? null,
    limit: wish.limit ?? null,
    data: wish.data === undefined ? null : resolve(cwd, wish.data),
  };
  return { recipe, options };
}

/** What run.json says before the first step. */
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
    backend: backendOf(opened, undefined),
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

/** `nin, recipe best: 5 epochs of 938 steps of 64 images, lr 0.05, batch norm, dropout 0, seed 0, into runs/nin-best-onnx-0` */
function planLine({ model, options, steps }: RunRecord, { shown }: RunFolder, images: number): string {
  const { recipe, epochs, batchSize, microBatchSize, lr, seed, batchNorm, dropout } = options;
  const times = epochs === 1 ? '1 epoch' : `${count(epochs)} epochs`;
  const perEpoch = `${count(steps / epochs)} steps of ${Math.min(batchSize, images)} images`;
  const settings = [
    `lr ${lr}`,
    ...(batchNorm ? ['batch norm'] : []),
    ...(dropout === null ? [] : [`dropout ${dropout}`]),
    ...(microBatchSize === null ? [] : [atATime(Math.min(microBatchSize, batchSize, images), batchNorm)]),
    `seed ${seed}`,
  ].join(', ');
  return `${model}, recipe ${recipe}: ${times} of ${perEpoch}, ${settings}, into ${shown}`;
}

/** Batch norm over a part of the batch is another training, and worse over few images. */
function atATime(images: number, batchNorm: boolean): string {
  const text = `${images === 1 ? '1 image' : `${count(images)} images`} at a time`;
  return batchNorm ? `${text}, batch norm over those alone` : text;
}

function backendOf({ backend, device: { info } }: OpenDevice, before: RunBackend | undefined): RunBackend {
  const { id, kind, text } = info;
  return { name: backend, device: id, kind, text, fingerprint: before?.fingerprint ?? '' };
}

function isRecipe(name: string): name is RecipeName {
  return Object.hasOwn(recipes, name);
}

/** What a run that goes on keeps. */
const FIXED = [
  'recipe',
  'epochs',
  'lr',
  'batchSize',
  'microBatch',
  'batchNorm',
  'dropout',
  'seed',
  'limit',
  'out',
] as const;

function checkResumeOptions(wish: TrainOptions): void {
  const given = FIXED.filter((name) => wish[name] !== undefined);
  if (given.length === 0) return;
  const flags = given
    .map((name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
    .join(', ');
  throw new UsageError(`--resume goes on with the run's own settings: leave out ${flags}`);
}

function say(io: Io, { json }: TrainOptions, line: string): void {
  if (!json) printLine(io, line);
}
