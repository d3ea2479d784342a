// The training loop.
import { DataError } from '../../errors.ts';
import { checkGiven } from '../../arguments/check.ts';
import { ranges } from '../../arguments/forms.ts';
import { objects } from '../../arguments/objects.ts';
import { batchCount } from '../data/batches.ts';
import { checkTrainingOptions } from '../trainingOptions.ts';
import { checkEarlyStopping } from './earlyStopping.ts';
import { FIT } from './forms.ts';
import type { Checkpoint, FitOptions, FitResult } from './options.ts';
import { FitRun } from './run.ts';
import { checkSmallBatches } from './smallBatches.ts';

/**
 * Trains a model. The next batches are made while the device computes. What a run does next is a function of (seed, epoch,
 * step), so a run that was stopped goes on from its state and its step count, to the bit.
 * @throws DataError `OPTION` telling every option that is missing, unknown, of another type or out of its range;
 * `EARLY_STOPPING`, `WEIGHTS`, `PARAMETER_RULE`, `BATCHES` or `RESUME` for options that do not fit together; what the data
 * throws, once the steps before it are reported, `LABEL` naming the sample whose label is invalid
 * @throws TrainingHaltedError, a NonFiniteError, when a step is not finite, naming the step, the layer and the op; or when
 * an evaluation is not
 * @throws TrainingLostError when the device goes away and is not opened again
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  return (await created(options)).train();
}

/** Disposes of a given trainer when the run cannot be created. */
async function created(options: FitOptions): Promise<FitRun> {
  try {
    checkFit(options);
    if (options.resume) checkPlace(options.resume, options);
    return await FitRun.create(options);
  } catch (error) {
    const { trainer }: Partial<FitOptions> = { ...options }; // Plain JavaScript may have passed anything.
    if (trainer && objects.trainer.fits(trainer)) await dispose(trainer);
    throw error;
  }
}

async function dispose(trainer: AsyncDisposable): Promise<void> {
  try {
    await trainer[Symbol.asyncDispose]();
  } catch {
    // Why the run could not be created is the error to report.
  }
}

function checkFit(options: FitOptions): void {
  checkTrainingOptions('fit', options, FIT);
  const { train, test, validation, batchSize, dropLast = false, earlyStopping } = options;
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
  checkSmallBatches(options);
  if (earlyStopping) checkEarlyStopping(earlyStopping, validation !== undefined);
  const { trainer, model, device } = options;
  if (trainer && (trainer.model !== model || trainer.device !== device)) {
    throw new DataError(
      'OPTION',
      'fit: trainer: it was made for another model or device than those of these options: pass the same ones to both',
    );
  }
}

/** A step count says where a run stands only by the batches that it was counted in. */
function checkPlace({ step, epoch: { count } }: Checkpoint, options: FitOptions): void {
  const { train, batchSize, dropLast = false } = options;
  checkGiven('fit: resume', { step: [ranges.countFrom0, step] });
  const perEpoch = batchCount(train.length, batchSize, dropLast);
  const into = step % perEpoch;
  const all = dropLast ? perEpoch * batchSize : train.length;
  const expected = into > 0 ? [into * batchSize] : [0, all]; // All: the epoch is over, and not reported yet.
  if (expected.includes(count)) return;
  throw new DataError(
    'RESUME',
    `fit: resume: step ${step}: expected ${expected.join(' or ')} samples of its epoch, in batches of ${batchSize}, ` +
      `got ${count}; pass the data, batchSize and dropLast of the run that is resumed`,
  );
}
