// Validates the options of the functions that train, predict and evaluate. One options object is often spread into several of
// them, so each ignores the options of the others and rejects a name that none of them has.
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

/** The name of an option of any of these functions. A table with any other name is a compile error. */
export type TrainingOption = (typeof NAMES)[number];

const others: ReadonlySet<string> = new Set(NAMES);

/** A hint for users of libraries with a separate option for the learning rate. */
const RATE = 'pass the learning rate as schedule: 0.1';

/**
 * Checks options at run time, because plain JavaScript has no types.
 * @throws DataError `OPTION` reporting every problem on one line
 */
export function checkTrainingOptions<Name extends TrainingOption>(
  where: string,
  options: unknown,
  forms: Readonly<Record<Name, Form>>,
): void {
  checkOptions(where, options, forms, { others, elsewhere: { lr: RATE, learningRate: RATE } });
}
