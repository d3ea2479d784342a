// Options of the functions that train, predict and evaluate. One object of options is often spread into several of them, so each
// passes over what the others have, and refuses a name that none of them has.
import { checkOptions } from '../arguments/check.ts';
import type { Form } from '../arguments/forms.ts';

const NAMES = [
  'batchSize',
  'clipNorm',
  'data',
  'device',
  'dropLast',
  'earlyStopping',
  'epochs',
  'initializer',
  'microBatchSize',
  'model',
  'movingAverage',
  'onBatch',
  'onEpoch',
  'onProgram',
  'onSnapshot',
  'onStart',
  'onStep',
  'onWeights',
  'optimizer',
  'parameters',
  'partialWeights',
  'plans',
  'prefetch',
  'reopen',
  'resume',
  'schedule',
  'seed',
  'signal',
  'snapshotSeconds',
  'state',
  'task',
  'test',
  'topK',
  'train',
  'trainer',
  'validation',
  'values',
  'weights',
] as const;

/** The name of an option of any of these functions: the compiler refuses a table with another one. */
export type TrainingOption = (typeof NAMES)[number];

const others: ReadonlySet<string> = new Set(NAMES);

/** In other libraries, the learning rate has an option of its own. */
const RATE = 'the schedule is the learning rate: schedule: 0.1';

/**
 * Checks options as plain JavaScript may give them.
 * @throws DataError `OPTION` telling all that is wrong, in one line
 */
export function checkTrainingOptions<Name extends TrainingOption>(
  where: string,
  options: unknown,
  forms: Readonly<Record<Name, Form>>,
): void {
  checkOptions(where, options, forms, { others, elsewhere: { lr: RATE, learningRate: RATE } });
}
