// What the options of training have to be: one table for each function that takes some. The compiler names an option that
// has no form.
import type { OptionRules } from '../arguments/check.ts';
import { checkOptions } from '../arguments/check.ts';
import type { Form, Forms } from '../arguments/forms.ts';
import {
  anything,
  callback,
  fieldsOf,
  flag,
  isObject,
  isText,
  listOfObjects,
  oneOf,
  optional,
  ranges,
  withMethods,
} from '../arguments/forms.ts';
import { initializer } from '../initializers.ts';
import type { EvaluateOptions } from './evaluate.ts';
import type { EarlyStopping } from './fit/earlyStopping.ts';
import type { FitOptions } from './fit/options.ts';
import type { MovingAverage } from './graphs/apply.ts';
import type { PredictorOptions } from './predictor.ts';
import type { RoleOptions } from './roles.ts';
import type { StepOptions } from './stepPrograms.ts';
import type { TrainerOptions } from './trainer.ts';

/** The input or the output of a network. */
const isSampleSpec = (value: unknown): boolean =>
  isObject(value) && isText(value['name']) && isShape(value['shape']);

const isShape = (value: unknown): boolean => Array.isArray(value) && value.every(ranges.count.fits);

/** A network. Its layer is checked where it is built. */
export const model: Form = {
  text: 'a model { name, input: { name, shape }, output: { name, shape }, layer }',
  fits: (value) =>
    isObject(value) && isText(value['name']) && isSampleSpec(value['input']) && isSampleSpec(value['output']),
};

const device: Form = withMethods('an open device, await backend.open()', 'createState', 'compile');

const state: Form = withMethods(
  'a state, trainer.state or await device.createState(weights)',
  'read',
  'write',
);

const tensors: Form = { text: 'tensors by name', fits: isObject };

const task: Form = withMethods('a task, such as regression()', 'targets', 'check', 'losses', 'score');

/** Samples of a task that can be picked by index. Whether there are any is checked apart. */
export const dataset: Form = {
  text: 'a dataset { length, batch(indices) }',
  fits: (value) =>
    isObject(value) && ranges.countFrom0.fits(value['length']) && typeof value['batch'] === 'function',
};

/** A learning rate: of one step, or of all. */
const schedule: Form = {
  text: 'a learning rate of at least 0, or a schedule, such as cosine({ peak: 0.1 })',
  fits: (value) => callback.fits(value) || ranges.from0.fits(value),
};

const rules: Form = listOfObjects('a list of rules, such as { match: "c1", frozen: true }');

const checkpoint: Form = {
  text: 'a checkpoint { step, values, epoch }',
  fits: (value) => isObject(value) && isObject(value['values']) && isObject(value['epoch']),
};

const signal: Form = {
  text: 'an AbortSignal or { aborted }',
  fits: (value) => isObject(value) && typeof value['aborted'] === 'boolean',
};

/** Infinity is right: never. */
const seconds: Form = {
  text: ranges.from0.text,
  fits: (value) => value === Infinity || ranges.from0.fits(value),
};

const MOVING_AVERAGE: Forms<MovingAverage> = { decay: ranges.rate };

const EARLY_STOPPING: Forms<EarlyStopping> = {
  patience: ranges.count,
  monitor: optional({ text: 'loss or the name of a metric', fits: isText }),
  mode: optional(oneOf(['min', 'max'])),
  minDelta: optional(ranges.from0),
};

const ROLES: Forms<RoleOptions> = {
  plans: optional({ text: 'plans by role', fits: isObject }),
  onProgram: optional(callback),
};

const STEP: Forms<StepOptions> = {
  model,
  device,
  optimizer: withMethods('an optimizer, such as adam()', 'scalarsAt', 'update'),
  task: optional(task),
  parameters: optional(rules),
  clipNorm: optional(ranges.above0),
  movingAverage: optional(fieldsOf(MOVING_AVERAGE)),
  microBatchSize: optional(ranges.count),
  ...ROLES,
};

/** Of `Trainer.create`. */
const TRAINER: Forms<TrainerOptions> = { ...STEP, values: tensors, seed: ranges.seed };

/** Of `fit`. */
const FIT: Forms<FitOptions> = {
  ...STEP,
  train: dataset,
  validation: optional(dataset),
  test: optional(dataset),
  epochs: ranges.countFrom0,
  batchSize: ranges.count,
  schedule,
  initializer,
  seed: ranges.seed,
  dropLast: optional(flag),
  prefetch: optional(ranges.countFrom0),
  earlyStopping: optional(fieldsOf(EARLY_STOPPING)),
  resume: optional(checkpoint),
  trainer: optional(withMethods('a Trainer, await Trainer.create(...)', 'start', 'snapshot')),
  signal: optional(signal),
  reopen: optional(callback),
  snapshotSeconds: optional(seconds),
  weights: optional(tensors),
  partialWeights: optional(flag),
  onWeights: optional(callback),
  onStart: optional(callback),
  onStep: optional(callback),
  onEpoch: optional(callback),
  onSnapshot: optional(callback),
};

/** Of `new Predictor`. */
const PREDICTOR: Forms<PredictorOptions> = { model, device, state, task: optional(task), ...ROLES };

/** Of `evaluate`. */
const EVALUATE: Forms<EvaluateOptions> = {
  ...PREDICTOR,
  data: dataset,
  batchSize: optional(ranges.count),
  prefetch: optional(ranges.countFrom0),
  topK: anything, // Its range depends on the model.
  onBatch: optional(callback),
};

type TakesOptions = 'fit' | 'Trainer.create' | 'Predictor' | 'evaluate';

const TABLES: Readonly<Record<TakesOptions, Readonly<Record<string, Form>>>> = {
  fit: FIT,
  'Trainer.create': TRAINER,
  Predictor: PREDICTOR,
  evaluate: EVALUATE,
};

/** In other libraries, the learning rate has an option of its own. */
const RATE = 'the schedule is the learning rate: schedule: 0.1';

/** The options of one function may be spread into those of another: each passes over what the others have. */
const RULES: OptionRules = {
  others: new Set(Object.values(TABLES).flatMap((forms) => Object.keys(forms))),
  elsewhere: { lr: RATE, learningRate: RATE },
};

/**
 * Checks the options of a function that trains, predicts or evaluates, as plain JavaScript may give them.
 * @throws DataError `OPTION` telling all that is wrong, in one line
 */
export function checkTrainingOptions(where: TakesOptions, options: unknown): void {
  checkOptions(where, options, TABLES[where], RULES);
}
