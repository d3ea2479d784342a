// Training requests: their optional settings, and the defaults that the recipe fills in.
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

/** A request to train a new run. The recipe supplies every setting that is omitted. */
export interface TrainRequest extends DeviceRequest, PictureRequest {
  /** Default `best`. */
  readonly recipe?: string;
  readonly epochs?: number;
  /** The learning rate, or its peak if the schedule varies it. */
  readonly lr?: number;
  readonly batchSize?: number;
  /** Images per micro-batch. Default: the whole batch. */
  readonly microBatch?: number;
  readonly batchNorm?: boolean;
  readonly dropout?: number;
  /** Default 0. */
  readonly seed?: number;
  /** A folder of images, of four IDX files, or of CIFAR-10 or CIFAR-100. Default: Fashion-MNIST, if it is found. */
  readonly data?: string;
  /** The number of training images to use, starting with the first. Default: all. */
  readonly limit?: number;
  /** The fraction of the training images, in (0, 1), to hold out and validate on after each epoch. Default: none. */
  readonly validation?: number;
  /** Stops early after this many epochs without a lower validation loss. Default: never. */
  readonly patience?: number;
  /** Keeps a moving average of the weights, with this decay. Default: none. */
  readonly average?: number;
  /** Scales the gradients down if their global norm exceeds this value. Default: never. */
  readonly clipNorm?: number;
  /** Initial weights: another run's folder, or a .safetensors file. Default: drawn by the recipe's initializer. */
  readonly weights?: string;
  /** With `weights`: loads only the tensors that fit. Default false: all must fit. */
  readonly partial?: boolean;
  /** Parameters or layers to freeze; `*` matches any characters. Default: none. */
  readonly freeze?: readonly string[];
  /**
   * `frozen` or `updated`: whether batch norm with frozen parameters keeps its running statistics or still updates them.
   * For an ONNX file, `frozen` freezes all of its batch norm layers. Default: `frozen` for layers with frozen parameters,
   * and when fine-tuning.
   */
  readonly batchStatistics?: string;
  /** The random augmentation of the training images: `flip,crop=4`. Default: none. */
  readonly augment?: string;
  /** Values for the dynamic dimensions of an ONNX file. */
  readonly dims?: Dims;
  /** The new folder of the run. Default: `runs/MODEL-RECIPE-BACKEND-SEED`, with a number appended if it exists. */
  readonly out?: string;
}

/** A request to fine-tune an ONNX file's network with a new head for the classes of the data. */
export interface FinetuneRequest extends TrainRequest {
  /**
   * The layer to replace: its node, its weight, or the module of the weight. Default: the last layer that produces the
   * logits.
   */
  readonly head?: string;
  /** Trains only the new head. Default false. */
  readonly freezeBody?: boolean;
  /** A factor on the learning rate of everything but the new head. Default 1. */
  readonly bodyLr?: number;
}

/**
 * Resolves the settings of a run: the requested ones, and the recipe's defaults for the rest.
 * @throws UsageError for an unknown recipe or an invalid setting; DataError `AUGMENT`
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

/** @throws UsageError for any other text */
function batchStatisticsOf(text: string | undefined): BatchStatistics | null {
  if (text === undefined || text === 'frozen' || text === 'updated') return text ?? null;
  throw unknownName('--batch-statistics', text, ['frozen', 'updated']);
}

/** The settings that cannot change when a run is resumed. */
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
 * A request to resume a run. From {@link TrainRequest}, it accepts `epochs`, `lr`, the device with its options, and the
 * data; the run keeps all other settings.
 */
export interface ResumeRequest extends TrainRequest {
  /** The model that the run is expected to train, or the file that now defines it. Default: any. */
  readonly model?: string | undefined;
  /** Throws unless the result is guaranteed to match, bit for bit, a run that was never stopped. Default false. */
  readonly exact?: boolean | undefined;
}

/**
 * Validates a request to resume a run.
 * @throws UsageError naming the requested settings that cannot change
 */
export function checkResumeRequest(request: ResumeRequest): void {
  const given = FIXED.filter((name) => request[name] !== undefined);
  if (given.length === 0) return;
  throw new UsageError(
    `--resume keeps the settings of the run, except --epochs and --lr: leave out ${given.map(flagOf).join(', ')}`,
  );
}

/**
 * Returns the settings of a resumed run: its own, with the requested `epochs` and `lr`.
 * @throws UsageError for an invalid setting
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

/** Returns the settings that differ. */
export function changesOf(before: RunOptions, now: RunOptions): SettingChanges {
  const change = (name: 'epochs' | 'lr'): SettingChanges =>
    before[name] === now[name] ? {} : { [name]: { from: before[name], to: now[name] } };
  return { ...change('epochs'), ...change('lr') };
}

/** @throws UsageError naming the first invalid setting */
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
