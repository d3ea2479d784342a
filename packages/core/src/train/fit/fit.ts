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
 * Trains a model. The next batches are built while the device computes. Everything a run does is a function of (seed, epoch,
 * step), so a stopped run resumes bit for bit from its state and step count.
 * @throws DataError `OPTION` reporting every option that is missing, unknown, of the wrong type or out of range;
 * `EARLY_STOPPING`, `WEIGHTS`, `PARAMETER_RULE`, `BATCHES` or `RESUME` for inconsistent options; any error of the dataset, after
 * the preceding steps are reported; `LABEL` naming the sample with an invalid label
 * @throws TrainingHaltedError, a NonFiniteError, if an evaluation or a step is not finite; the error names
 * the step, the layer and the op
 * @throws TrainingLostError if the device is lost and cannot be reopened
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  return (await created(options)).train();
}

/** Creates the run; if that fails, disposes of the trainer that was passed in. */
async function created(options: FitOptions): Promise<FitRun> {
  try {
    checkFit(options);
    if (options.resume) checkPlace(options.resume, options);
    return await FitRun.create(options);
  } catch (error) {
    const { trainer }: Partial<FitOptions> = { ...options }; // Plain JavaScript may pass anything.
    if (trainer && objects.trainer.fits(trainer)) await dispose(trainer);
    throw error;
  }
}

async function dispose(trainer: AsyncDisposable): Promise<void> {
  try {
    await trainer[Symbol.asyncDispose]();
  } catch {
    // Report the error that prevented the run instead.
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
      `fit: dropLast leaves nothing to train on: got ${train.length} samples and batches of ${batchSize}; lower batchSize`,
    );
  }
  checkSmallBatches(options);
  if (earlyStopping) checkEarlyStopping(earlyStopping, validation !== undefined);
  const { trainer, model, device } = options;
  if (trainer && (trainer.model !== model || trainer.device !== device)) {
    throw new DataError(
      'OPTION',
      'fit: trainer: it was created for another model or device; pass the same model and device to both',
    );
  }
}

/** Checks a checkpoint's position: its step count is only meaningful for the same batches. */
function checkPlace({ step, epoch: { count } }: Checkpoint, options: FitOptions): void {
  const { train, batchSize, dropLast = false } = options;
  checkGiven('fit: resume', { step: [ranges.countFrom0, step] });
  const perEpoch = batchCount(train.length, batchSize, dropLast);
  const into = step % perEpoch;
  const all = dropLast ? perEpoch * batchSize : train.length;
  const expected = into > 0 ? [into * batchSize] : [0, all]; // All: the epoch is complete but not reported yet.
  if (expected.includes(count)) return;
  throw new DataError(
    'RESUME',
    `fit: resume: step ${step}: expected ${expected.join(' or ')} samples in its epoch, with batches of ${batchSize}, ` +
      `got ${count}; pass the data, batchSize and dropLast of the original run`,
  );
}
