// The settings of a run as run.json records them, and the rules that they have to keep: the same for a request and a file.
import type { Form } from '@isonet/core';
import { ranges } from '@isonet/core';
import type { ModelOptions } from '../models.ts';
import type { RecipeName } from '../recipes.ts';
import { recipes } from '../recipes.ts';
import type { Fields } from './fields.ts';

/** The settings of a run, every default filled in. */
export interface RunOptions {
  readonly recipe: RecipeName;
  readonly epochs: number;
  /** The learning rate, or the highest one where the schedule changes it. */
  readonly lr: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Images computed at a time; null: the whole batch. */
  readonly microBatchSize: number | null;
  readonly seed: number;
  /** null: as the model has it. */
  readonly batchNorm: boolean | null;
  /** null: as the model has it. */
  readonly dropout: number | null;
  /** Number of training images, from the first on; null: all. */
  readonly limit: number | null;
  /** The folder that was named, in full; null: what was found. */
  readonly data: string | null;
  /** The part of the training images that is held back for validation after each epoch; null: none. */
  readonly validation: number | null;
  /** Early stopping: epochs without a lower validation loss that end the run; null: off. */
  readonly patience: number | null;
  /** The decay of the moving average of the weights; null: off. */
  readonly average: number | null;
  /** The largest norm of the gradients, all of them together; null: they are not clipped. */
  readonly clipNorm: number | null;
  /** The run folder or file, in full, that the initial weights came from; null: they were drawn. */
  readonly weights: string | null;
  /** Whether `weights` may be those of another network in part. */
  readonly partial: boolean;
  /** Patterns of the parameters that training leaves as they are. */
  readonly freeze: readonly string[];
  /** Whether everything but a new head stays as it is. */
  readonly freezeBody: boolean;
  /** Multiplies the learning rate of everything but a new head; null: 1. */
  readonly bodyLr: number | null;
  /**
   * What becomes of the statistics of batch norm whose parameters are frozen; null: they are frozen, too. `frozen` freezes all batch
   * norm of an ONNX file.
   */
  readonly batchStatistics: BatchStatistics | null;
  /** How the training images are changed at random, as `parseAugmentation` reads it; null: not at all. */
  readonly augment: string | null;
  /** Whether a picture that cannot be decoded is an error. */
  readonly strict: boolean;
}

/** Batch norm with frozen parameters keeps its statistics and normalizes by them, or moves them and uses the batch's. */
export type BatchStatistics = 'frozen' | 'updated';

const BATCH_STATISTICS: readonly BatchStatistics[] = ['frozen', 'updated'];

/** A setting that breaks a rule. */
export interface OptionProblem {
  readonly option: keyof RunOptions;
  /** `expected ..., got ...` */
  readonly problem: string;
}

/** What numbers make sense, whatever the model and the data: core's rules, of which `fit` and the layers have the same. */
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

/** Of early stopping without images to watch. */
export const PATIENCE_PROBLEM = 'needs a validation loss to watch: add --validation 0.1';

/** The first setting that makes no sense, undefined where all do. What depends on the model or the data is checked with them. */
export function optionProblem(options: RunOptions): OptionProblem | undefined {
  for (const option of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const value = options[option];
    const { text, fits } = RANGES[option];
    if (value !== null && !fits(value)) return { option, problem: `expected ${text}, got ${value}` };
  }
  // Folders may have validation images of their own.
  if (options.patience !== null && options.validation === null && options.data === null) {
    return { option: 'patience', problem: PATIENCE_PROBLEM };
  }
  if (options.partial && options.weights === null) {
    return { option: 'partial', problem: 'has no weights to load a part of: add --weights RUN' };
  }
  if (options.freeze.includes('')) {
    return { option: 'freeze', problem: 'expected the name of a parameter or a layer, got an empty one' };
  }
  if (options.bodyLr !== null && options.freezeBody) {
    return {
      option: 'bodyLr',
      problem: 'a frozen body has no learning rate: leave out --freeze-body, or this',
    };
  }
  return undefined;
}

/** Reads the options of run.json. Files of isonet 0.2.0 and before lack the newer ones: they were off. */
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

/** The model's part of a run's settings. */
export function modelOptions({ batchNorm, dropout }: RunOptions): ModelOptions {
  return {
    ...(batchNorm === null ? {} : { batchNorm }),
    ...(dropout === null ? {} : { dropoutRate: dropout }),
  };
}
