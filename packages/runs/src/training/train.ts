// Trains a prepared run into its folder. Every 40 seconds, after each epoch, and when the run stops, it saves everything
// that is needed to resume it with bitwise identical results.
import type { Device, Evaluation, StepProgress, Trainer } from '@isonet/core';
import { defined, evaluate, fit, NonFiniteError, TrainingHaltedError, TrainingLostError } from '@isonet/core';
import { trainingImages } from '../data/parts.ts';
import type { OpenDevice } from '../devices/open.ts';
import type { EpochEntry } from '../folder/metrics.ts';
import type { RunRecord } from '../folder/record.ts';
import { command } from '../shell.ts';
import { epochEntry } from './entries.ts';
import type { PreparedRun } from './preparedRun.ts';
import { isPlanError, trainerOptions } from './programs.ts';
import { RecordBook } from './recordBook.ts';

/** Callbacks during training. Promises that they return for steps and epochs are awaited. */
export interface TrainingListener {
  /** Called after each step. */
  step(progress: StepProgress): unknown;
  /** Called before the first step of a new run with a new head, with the evaluation of the untrained head. */
  untrained?(evaluation: Evaluation): unknown;
  /** Called after each epoch, once it is saved, with its line in metrics.jsonl. */
  epoch(entry: EpochEntry): unknown;
  /** Called with a one-line message for the user. */
  note(text: string): void;
}

/** The limits that stop training before the run is finished, and the interval between checkpoints. */
export interface TrainingLimits {
  /**
   * A signal, such as an AbortSignal. Once it is aborted, training stops after the current step. Default: never
   * aborted.
   */
  readonly signal?: { readonly aborted: boolean };
  /** Stops after the current step once this time is up. Default: never. */
  readonly maxSeconds?: number;
  /**
   * The interval between checkpoints within an epoch, in seconds. Default 40: a process that is killed loses less than a
   * minute of training, and an evaluation in progress is repeated.
   */
  readonly checkpointSeconds?: number;
}

const CHECKPOINT_SECONDS = 40;

/**
 * Trains until the run is finished, its signal is aborted or its time is up, and saves it. If the device is lost, opens it
 * again with the same options and repeats the steps since the last snapshot.
 * @returns the record in run.json, whose status is `finished` or `stopped`
 * @throws NonFiniteError, or an error of the device; the folder then keeps the last saved state, and its status is `failed`
 */
export async function trainRun(
  run: PreparedRun,
  listener: TrainingListener,
  limits: TrainingLimits = {},
): Promise<RunRecord> {
  const { folder } = run;
  const book = new RecordBook(run);
  const reopened = new Reopened(run.opened);
  try {
    return await trainAndSave(run, book, reopened, listener, limits);
  } catch (error) {
    // Report the error of the training even if a save fails, too.
    await book.settled();
    // Do not rescue the state before a non-finite step: it is already diverging, so the last saved state is better.
    if (error instanceof TrainingLostError) await book.rescue(error.checkpoint).catch(() => undefined);
    await book.write('failed').catch(() => undefined);
    if (error instanceof NonFiniteError) {
      throw new NonFiniteError(`${haltText(error)}; ${book.savedState(folder)}`, error.origin);
    }
    listener.note(
      `note: ${book.savedState(folder)}; to resume it: ${command`npx isonet train --resume ${folder.shown}`}`,
    );
    // Only a plan that the first device rejects comes from plan.json, so only that error suggests a fix for the file.
    const isOldPlan = isPlanError(error) && reopened.count === 0;
    throw isOldPlan ? folder.planError(run.opened.backend, error) : error;
  } finally {
    await reopened.dispose();
    await folder.release();
  }
}

/** Manages the devices that replace a lost one, one at a time. */
class Reopened {
  readonly #opened: OpenDevice;
  #device: Device | undefined;
  /** The number of times the device was reopened. */
  count = 0;

  constructor(opened: OpenDevice) {
    this.#opened = opened;
  }

  async open(): Promise<Device> {
    await this.dispose();
    const device = await this.#opened.reopen();
    this.#device = device;
    this.count++;
    return device;
  }

  /** Disposes of the current replacement, if any. Disposing of a lost device may fail, which does no harm. */
  async dispose(): Promise<void> {
    const device = this.#device;
    this.#device = undefined;
    try {
      await device?.[Symbol.asyncDispose]();
    } catch {
      // The error or the result of the training matters more.
    }
  }
}

/** Adds the step and a fix to the error of an evaluation. The errors of steps already name both. */
function haltText(error: NonFiniteError): string {
  if (error.origin.step !== undefined || !(error instanceof TrainingHaltedError)) return error.message;
  return `evaluation after step ${error.checkpoint.step}: ${error.message}; try a lower learning rate`;
}

/** Evaluates the untrained head on the test images. @returns undefined if `isStopped` becomes true meanwhile */
async function evaluated(
  { model, task, data, plans }: PreparedRun,
  { device, state }: Trainer,
  isStopped: () => boolean,
): Promise<Evaluation | undefined> {
  const stopped = new Error('stopped');
  try {
    return await evaluate({
      model,
      task,
      device,
      state,
      data: data.test,
      plans: plans.data,
      onProgram: plans.add,
      onBatch: () => {
        if (isStopped()) throw stopped;
      },
    });
  } catch (error) {
    if (error === stopped) return undefined;
    throw error;
  }
}

async function trainAndSave(
  run: PreparedRun,
  book: RecordBook,
  reopened: Reopened,
  listener: TrainingListener,
  { signal, maxSeconds = Infinity, checkpointSeconds = CHECKPOINT_SECONDS }: TrainingLimits,
): Promise<RunRecord> {
  const { recipe, opened, trainer: prepared, plans, data, record, saved, folder } = run;
  const { epochs, lr, batchSize, patience, weights } = record.options;
  const { train, validation } = trainingImages(data, record.options);
  const deadline = Date.now() + maxSeconds * 1000;
  let timeIsUp = false;
  // If a run was stopped during the evaluation of an epoch, no step of that epoch is left to report its totals.
  let totals = saved?.epoch;
  const result = await fit({
    ...trainerOptions(run, record.options),
    trainer: prepared,
    plans: plans.data,
    onProgram: plans.add,
    train,
    test: data.test,
    epochs,
    batchSize,
    schedule: recipe.schedule(lr),
    initializer: recipe.initializer,
    signal: {
      get aborted() {
        return timeIsUp || signal?.aborted === true;
      },
    },
    reopen: async () => {
      const device = await reopened.open();
      const where = `${opened.backend}, ${device.info.id}`;
      listener.note(
        `note: ${where} was lost and has been reopened; training continues from the last snapshot`,
      );
      return device;
    },
    ...(validation ? { validation } : {}),
    ...(patience === null ? {} : { earlyStopping: { patience } }),
    ...(saved ? { resume: saved } : {}),
    snapshotSeconds: checkpointSeconds,
    onSnapshot: (checkpoint) => book.saveLater(checkpoint),
    onStart: async (trainer) => {
      // The file that the initial weights came from may be gone when the run is resumed.
      if (weights !== null && !saved) await book.saveStart(await trainer.snapshot());
      await book.catchUp();
      await book.write('running');
      await book.startSegment();
      if (run.head !== undefined && !saved && listener.untrained) {
        const before = await evaluated(run, trainer, () => timeIsUp || signal?.aborted === true);
        if (before) await listener.untrained(before);
      }
      const { lockProblem } = folder;
      if (lockProblem !== undefined) {
        listener.note(
          `note: ${folder.shown} is not locked (${lockProblem}): do not train it in another process`,
        );
      }
    },
    onStep: (progress) => {
      book.check();
      totals = progress.totals;
      if (Date.now() > deadline) timeIsUp = true;
      return listener.step(progress);
    },
    onEpoch: async (report, _, checkpoint) => {
      const entry = epochEntry(run, report, defined(totals, `the sums of epoch ${report.epoch}`));
      await book.saveEpoch(await checkpoint(), report, entry);
      await listener.epoch(entry);
    },
  });
  try {
    if (!result.finished) {
      await book.save(result.checkpoint);
      return await book.write('stopped');
    }
    // With early stopping, the values of the best epoch.
    const { values } = result.checkpoint.stopping ?? result.checkpoint;
    const last = await book.finish(values, result.bestEpoch, result.trainer.device);
    // The run is finished, even if an old checkpoint cannot be removed.
    await folder.checkpoints.keepLast().catch(() => undefined);
    return last;
  } finally {
    await result.trainer[Symbol.asyncDispose]().catch(() => undefined);
  }
}
