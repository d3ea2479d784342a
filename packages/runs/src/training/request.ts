// A request to train: settings that may be left out, and how the recipe fills them in.
import { resolve } from 'node:path';
import { parseAugmentation } from '@isonet/data';
import type { DeviceRequest } from '../devices/open.ts';
import { unknownName, UsageError } from '../errors.ts';
import type { BatchStatistics, RunOptions } from '../folder/options.ts';
import { optionProblem } from '../folder/options.ts';
import type { SettingChanges } from '../folder/settingChanges.ts';
import type { ModelEntry } from '../models.ts';
import type { Dims } from '../onnxModel/onnxFile.ts';
import type { PictureRequest } from '../pictures.ts';
import type { Recipe, RecipeName } from '../recipes.ts';
import { defaultRecipe, recipes } from '../recipes.ts';

/** A training run as a caller asks for it. What is left out is as the recipe has it. */
export interface TrainRequest extends DeviceRequest, PictureRequest {
  /** Default `best`. */
  readonly recipe?: string;
  readonly epochs?: number;
  /** The learning rate, or its peak. */
  readonly lr?: number;
  readonly batchSize?: number;
  /** Images computed at a time. Default: the whole batch. */
  readonly microBatch?: number;
  readonly batchNorm?: boolean;
  readonly dropout?: number;
  /** Default 0. */
  readonly seed?: number;
  /** A folder of four IDX files, or of CIFAR-10 or CIFAR-100. Default: Fashion-MNIST, where it is found. */
  readonly data?: string;
  /** Number of training images, from the first on. Default: all. */
  readonly limit?: number;
  /** The part of the training images to hold back and validate on after each epoch, above 0 and below 1. Default: none. */
  readonly validation?: number;
  /** Stops early, after so many epochs without a lower validation loss. Default: never. */
  readonly patience?: number;
  /** Keeps a moving average of the weights, with this decay. Default: none. */
  readonly average?: number;
  /** Scales gradients whose norm, over all parameters, is larger than this down to it. Default: never. */
  readonly clipNorm?: number;
  /** Initial weights: another run's folder, or a .safetensors file. Default: drawn as the recipe says. */
  readonly weights?: string;
  /** With `weights`: takes over what fits. Default false: all have to fit. */
  readonly partial?: boolean;
  /** Parameters or layers that training leaves as they are; `*` stands for any characters. Default: none. */
  readonly freeze?: readonly string[];
  /**
   * `frozen` or `updated`: whether batch norm with frozen parameters keeps its statistics, or moves them all the same; of an ONNX file,
   * `frozen` freezes all of its batch norm. Default: `frozen` where parameters are, and in a fine-tuning.
   */
  readonly batchStatistics?: string;
  /** How the training images are changed at random: `flip,crop=4`. Default: not at all. */
  readonly augment?: string;
  /** Sizes that an ONNX file leaves open. */
  readonly dims?: Dims;
  /** The new folder of the run. Default: `runs/MODEL-RECIPE-BACKEND-SEED`, numbered where it is taken. */
  readonly out?: string;
}

/** A run of an ONNX file's network with a new head, for the classes of its data. */
export interface FinetuneRequest extends TrainRequest {
  /** The layer that is replaced: its node, its weight, or the module of that. Default: the last one that gives the logits. */
  readonly head?: string;
  /** Trains the new head alone. Default false. */
  readonly freezeBody?: boolean;
  /** Multiplies the learning rate of everything but the new head. Default 1. */
  readonly bodyLr?: number;
}

/**
 * The settings of a run: what was requested, and the recipe's numbers for the rest.
 * @throws UsageError for an unknown recipe, or settings that make no sense; DataError `AUGMENT`
 */
export function resolveOptions(
  { network, dropout, recipe: ownRecipe = defaultRecipe }: ModelEntry,
  request: FinetuneRequest,
  cwd: string,
): { readonly recipe: Recipe; readonly options: RunOptions } {
  const name = request.recipe ?? ownRecipe;
  if (!isRecipe(name)) throw unknownName('recipe', name, Object.keys(recipes));
  const recipe = recipes[name][network];
  const options: RunOptions = {
    recipe: name,
    epochs: request.epochs ?? recipe.epochs,
    lr: request.lr ?? recipe.lr,
    batchSize: request.batchSize ?? recipe.batchSize,
    microBatchSize: request.microBatch ?? null,
    seed: request.seed ?? 0,
    batchNorm: request.batchNorm ?? recipe.batchNorm,
    dropout: request.dropout ?? (dropout ? recipe.dropoutRate : undefined) ?? null,
    limit: request.limit ?? null,
    data: request.data === undefined ? null : resolve(cwd, request.data),
    validation: request.validation ?? null,
    patience: request.patience ?? null,
    average: request.average ?? null,
    clipNorm: request.clipNorm ?? null,
    weights: request.weights === undefined ? null : resolve(cwd, request.weights),
    partial: request.partial ?? false,
    freeze: request.freeze ?? [],
    freezeBody: request.freezeBody ?? false,
    bodyLr: request.bodyLr ?? null,
    batchStatistics: batchStatisticsOf(request.batchStatistics),
    augment: request.augment ?? null,
    strict: request.strict ?? false,
  };
  checkRunOptions(options);
  if (options.augment !== null) parseAugmentation(options.augment);
  return { recipe, options };
}

/** @throws UsageError for another word */
function batchStatisticsOf(text: string | undefined): BatchStatistics | null {
  if (text === undefined || text === 'frozen' || text === 'updated') return text ?? null;
  throw unknownName('--batch-statistics', text, ['frozen', 'updated']);
}

/** The settings that a resumed run keeps. */
const FIXED = [
  'recipe',
  'batchSize',
  'microBatch',
  'batchNorm',
  'dropout',
  'seed',
  'limit',
  'validation',
  'patience',
  'average',
  'clipNorm',
  'weights',
  'partial',
  'freeze',
  'batchStatistics',
  'augment',
  'dims',
  'normalize',
  'fit',
  'resize',
  'background',
  'invert',
  'strict',
  'out',
] as const;

/**
 * A request to resume a run, which keeps its settings but for `epochs` and `lr`: of a {@link TrainRequest} it also takes the
 * device, its options and the data.
 */
export interface ResumeRequest extends TrainRequest {
  /** The model that the run should be of, or the file that now defines it. Default: any. */
  readonly model?: string | undefined;
  /** Refuses where the bits are not certain to be those of a run that was never stopped. Default false. */
  readonly exact?: boolean | undefined;
}

/**
 * Checks the request of a resumed run.
 * @throws UsageError naming the requested settings that it cannot change
 */
export function checkResumeRequest(request: ResumeRequest): void {
  const given = FIXED.filter((name) => request[name] !== undefined);
  if (given.length === 0) return;
  throw new UsageError(
    `--resume keeps the run's own settings, but for --epochs and --lr: leave out ${given.map(flagOf).join(', ')}`,
  );
}

/**
 * The settings with which a run goes on, of which a request may change two.
 * @throws UsageError for one that makes no sense
 */
export function changedOptions(options: RunOptions, { epochs, lr }: ResumeRequest): RunOptions {
  const changed = {
    ...options,
    ...(epochs === undefined ? {} : { epochs }),
    ...(lr === undefined ? {} : { lr }),
  };
  checkRunOptions(changed);
  return changed;
}

/** What differs. */
export function changesOf(before: RunOptions, now: RunOptions): SettingChanges {
  const change = (name: 'epochs' | 'lr'): SettingChanges =>
    before[name] === now[name] ? {} : { [name]: { from: before[name], to: now[name] } };
  return { ...change('epochs'), ...change('lr') };
}

/** @throws UsageError naming the first setting that makes no sense */
function checkRunOptions(options: RunOptions): void {
  const wrong = optionProblem(options);
  if (!wrong) return;
  const field = wrong.option === 'microBatchSize' ? 'microBatch' : wrong.option;
  throw new UsageError(`${flagOf(field)}: ${wrong.problem}`);
}

/** `clipNorm` -> `--clip-norm` */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function isRecipe(name: string): name is RecipeName {
  return Object.hasOwn(recipes, name);
}
