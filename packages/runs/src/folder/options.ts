// The settings of a run as recorded in run.json, and their validation, which requests and files share.
import type { Form } from '@isonet/core';
import { ranges } from '@isonet/core';
import type { ModelOptions } from '../models.ts';
import type { RecipeName } from '../recipes.ts';
import { recipes } from '../recipes.ts';
import type { Fields } from './fields.ts';

/** The settings of a run, with all defaults filled in. */
export interface RunOptions {
  readonly recipe: RecipeName;
  readonly epochs: number;
  /** The learning rate, or its peak if the schedule varies it. */
  readonly lr: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Images per micro-batch; null: the whole batch. */
  readonly microBatchSize: number | null;
  readonly seed: number;
  /** null: the model's own setting. */
  readonly batchNorm: boolean | null;
  /** null: the model's own rate. */
  readonly dropout: number | null;
  /** The number of training images to use, starting with the first; null: all. */
  readonly limit: number | null;
  /** The absolute path of the data; null: the default data. */
  readonly data: string | null;
  /** The fraction of the training images that is held out for validation after each epoch; null: none. */
  readonly validation: number | null;
  /** Early stopping: the number of epochs without a lower validation loss after which the run ends; null: off. */
  readonly patience: number | null;
  /** The decay of the moving average of the weights; null: off. */
  readonly average: number | null;
  /** The maximum global norm of the gradients; null: no clipping. */
  readonly clipNorm: number | null;
  /** The absolute path of the run folder or file that the initial weights come from; null: they are drawn. */
  readonly weights: string | null;
  /** Whether `weights` may match only part of the network. */
  readonly partial: boolean;
  /** Patterns of the parameters to freeze. */
  readonly freeze: readonly string[];
  /** Whether to freeze everything but a new head. */
  readonly freezeBody: boolean;
  /** A factor on the learning rate of everything but a new head; null: 1. */
  readonly bodyLr: number | null;
  /**
   * How batch norm with frozen parameters treats its running statistics; null: they are frozen, too. For an ONNX file,
   * `frozen` freezes all of its batch norm layers.
   */
  readonly batchStatistics: BatchStatistics | null;
  /** The random augmentation of the training images, in the format of `parseAugmentation`; null: none. */
  readonly augment: string | null;
  /** Whether an image file that cannot be decoded is an error. */
  readonly strict: boolean;
}

/**
 * How batch norm with frozen parameters treats its running statistics: `frozen` keeps them and normalizes with them;
 * `updated` updates them and normalizes with those of the batch.
 */
export type BatchStatistics = 'frozen' | 'updated';

const BATCH_STATISTICS: readonly BatchStatistics[] = ['frozen', 'updated'];

/** An invalid setting. */
export interface OptionProblem {
  readonly option: keyof RunOptions;
  /** `expected ..., got ...` */
  readonly problem: string;
}

/** The valid ranges of settings, independent of the model and the data. Core checks `fit` and layers by the same rules. */
const RANGES = {
  epochs: ranges.count,
  lr: ranges.above0,
  batchSize: ranges.count,
  microBatchSize: ranges.count,
  seed: ranges.seed,
  dropout: ranges.rate,
  limit: ranges.count,
  validation: ranges.properPart,
  patience: ranges.count,
  average: ranges.rate,
  clipNorm: ranges.above0,
  bodyLr: ranges.from0,
} as const satisfies Partial<Record<keyof RunOptions, Form>>;

/** The problem of early stopping without validation images. */
export const PATIENCE_PROBLEM = 'needs a validation loss: add --validation 0.1';

/** Returns the first invalid setting, or undefined. Rules that depend on the model or the data are checked elsewhere. */
export function optionProblem(options: RunOptions): OptionProblem | undefined {
  for (const option of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const value = options[option];
    const { text, fits } = RANGES[option];
    if (value !== null && !fits(value)) return { option, problem: `expected ${text}, got ${value}` };
  }
  // A data folder may have its own validation images.
  if (options.patience !== null && options.validation === null && options.data === null) {
    return { option: 'patience', problem: PATIENCE_PROBLEM };
  }
  if (options.partial && options.weights === null) {
    return { option: 'partial', problem: 'needs weights to load: add --weights RUN' };
  }
  if (options.freeze.includes('')) {
    return { option: 'freeze', problem: 'expected the name of a parameter or layer, got an empty name' };
  }
  if (options.bodyLr !== null && options.freezeBody) {
    return {
      option: 'bodyLr',
      problem: 'a frozen body has no learning rate: leave out one of --freeze-body and --body-lr',
    };
  }
  return undefined;
}

/** Parses the options in run.json. Options that files of isonet 0.2.0 and earlier lack are off. */
export function parseOptions(fields: Fields): RunOptions {
  const options: RunOptions = {
    recipe: fields.oneOf('recipe', Object.keys(recipes) as RecipeName[]),
    epochs: fields.whole('epochs', 1),
    lr: fields.number('lr'),
    batchSize: fields.whole('batchSize', 1),
    microBatchSize: fields.has('microBatchSize') ? fields.whole('microBatchSize', 1) : null,
    seed: fields.whole('seed', 0),
    batchNorm: fields.has('batchNorm') ? fields.flag('batchNorm') : null,
    dropout: fields.has('dropout') ? fields.number('dropout') : null,
    limit: fields.has('limit') ? fields.whole('limit', 1) : null,
    data: fields.has('data') ? fields.text('data') : null,
    validation: fields.has('validation') ? fields.number('validation') : null,
    patience: fields.has('patience') ? fields.number('patience') : null,
    average: fields.has('average') ? fields.number('average') : null,
    clipNorm: fields.has('clipNorm') ? fields.number('clipNorm') : null,
    weights: fields.has('weights') ? fields.text('weights') : null,
    partial: fields.has('partial') && fields.flag('partial'),
    freeze: fields.has('freeze') ? fields.texts('freeze') : [],
    freezeBody: fields.has('freezeBody') && fields.flag('freezeBody'),
    bodyLr: fields.has('bodyLr') ? fields.number('bodyLr') : null,
    augment: fields.has('augment') ? fields.text('augment') : null,
    strict: fields.has('strict') && fields.flag('strict'),
    batchStatistics: fields.has('batchStatistics') ? fields.oneOf('batchStatistics', BATCH_STATISTICS) : null,
  };
  const wrong = optionProblem(options);
  if (wrong) throw fields.error(wrong.option, wrong.problem);
  return options;
}

/** Returns the settings that concern the model. */
export function modelOptions({ batchNorm, dropout }: RunOptions): ModelOptions {
  return {
    ...(batchNorm === null ? {} : { batchNorm }),
    ...(dropout === null ? {} : { dropoutRate: dropout }),
  };
}
