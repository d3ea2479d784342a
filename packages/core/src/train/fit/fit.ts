// The training loop.
import { DataError } from '../../errors.ts';
import { checkWhole } from '../data/batches.ts';
import { checkEarlyStopping } from './earlyStopping.ts';
import type { FitOptions, FitResult } from './options.ts';
import { FitRun } from './run.ts';

/**
 * Trains a model. The next batches are made while the device computes. What a run does next is a function of (seed, epoch,
 * step), so a run that was stopped goes on from its state and its step count, to the bit.
 * @throws DataError `BATCHES` when an option is not a whole number in its range, `OPTION`, `EARLY_STOPPING`, `WEIGHTS` or
 * `PARAMETER_RULE` for options that do not fit; what the data throws, once the steps before it are reported
 * @throws TrainingHaltedError, a NonFiniteError, when a step is not finite, naming the step, the layer and the op; or when
 * an evaluation is not
 * @throws TrainingLostError when the device goes away and is not opened again
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  return (await created(options)).train();
}

/** What throws leaves nothing on the device. */
async function created(options: FitOptions): Promise<FitRun> {
  try {
    checkOptions(options);
    return await FitRun.create(options);
  } catch (error) {
    await options.trainer?.[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}

function checkOptions({ train, test, validation, ...options }: FitOptions): void {
  const { epochs, batchSize, dropLast = false, prefetch = 0, earlyStopping, snapshotSeconds = 0 } = options;
  checkWhole('epochs', epochs, 0);
  checkWhole('batchSize', batchSize, 1);
  checkWhole('prefetch', prefetch, 0);
  for (const [name, data] of Object.entries({ train, test, validation })) {
    if (data?.length === 0)
      throw new DataError('DATASET', `fit: ${name}: expected at least one sample, got none`);
  }
  if (dropLast && train.length < batchSize) {
    throw new DataError(
      'BATCHES',
      `fit: dropLast leaves nothing to train on: there are ${train.length} samples, and batches of ${batchSize}`,
    );
  }
  if (!(snapshotSeconds >= 0)) {
    throw new DataError(
      'OPTION',
      `fit: snapshotSeconds: expected a number of 0 or more, got ${snapshotSeconds}`,
    );
  }
  if (earlyStopping) checkEarlyStopping(earlyStopping, validation !== undefined);
}
