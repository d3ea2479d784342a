// Trains a prepared run into its folder. Every 40 seconds, after each epoch, and when it is stopped, the folder holds all that is
// needed to resume it, to the bit.
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

/** Called as the run goes on. The calls for steps and epochs are awaited, promises included. */
export interface TrainingListener {
  /** After each step. */
  step(progress: StepProgress): unknown;
  /** Of a new run with a new head: what it gives before its first step. */
  untrained?(evaluation: Evaluation): unknown;
  /** After each epoch, once it is saved: the line that metrics.jsonl has of it. */
  epoch(entry: EpochEntry): unknown;
  /** A line for people. */
  note(text: string): void;
}

/** When to stop before a run is finished. */
export interface TrainingLimits {
  /** Stops after the step in hand when it becomes aborted; an AbortSignal fits. Default: never. */
  readonly signal?: { readonly aborted: boolean };
  /** Stops after the step in hand when this time is up. Default: never. */
  readonly maxSeconds?: number;
  /**
   * How often a checkpoint is written within an epoch, in seconds, while the training goes on. Default 40: a process that is
   * killed loses less than a minute of training; an evaluation under way is repeated.
   */
  readonly checkpointSeconds?: number;
}

const CHECKPOINT_SECONDS = 40;

/**
 * Trains until the run is finished, its signal is aborted or its time is up, and saves. A device that is lost is opened again,
 * with the same options, and the steps since the last snapshot are repeated.
 * @returns what run.json says now: its status is `finished` or `stopped`
 * @throws NonFiniteError, or what the device throws; the folder then keeps the state that was last saved, and its status is
 *   `failed`
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
    // The training's own error is the one to report, even where the disk is full as well.
    await book.settled();
    // The state before a step that is not finite is no better than that of the last epoch: it is on its way there.
    if (error instanceof TrainingLostError) await book.rescue(error.checkpoint).catch(() => undefined);
    await book.write('failed').catch(() => undefined);
    if (error instanceof NonFiniteError) {
      throw new NonFiniteError(`${haltText(error)}; ${book.kept(folder)}`, error.origin);
    }
    listener.note(
      `note: ${book.kept(folder)}; to resume it: ${command`npx isonet train --resume ${folder.shown}`}`,
    );
    // A device that was opened again may refuse the plans of this run, which are not those of plan.json.
    const isOldPlan = isPlanError(error) && reopened.count === 0;
    throw isOldPlan ? folder.planError(run.opened.backend, error) : error;
  } finally {
    await reopened.dispose();
    await folder.release();
  }
}

/** The devices that took the place of a lost one, one after another. */
class Reopened {
  readonly #opened: OpenDevice;
  #device: Device | undefined;
  /** Number of times that it was opened again. */
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

  /** Of the last one, if any. A lost device may fail to be disposed of; it is gone all the same. */
  async dispose(): Promise<void> {
    const device = this.#device;
    this.#device = undefined;
    try {
      await device?.[Symbol.asyncDispose]();
    } catch {
      // The training's own error, or its result, matters more.
    }
  }
}

/** The errors of evaluations, unlike those of steps, do not say when that was and what to do. */
function haltText(error: NonFiniteError): string {
  if (error.origin.step !== undefined || !(error instanceof TrainingHaltedError)) return error.message;
  return `evaluation after step ${error.checkpoint.step}: ${error.message}; try a lower learning rate`;
}

/** A head that has learned nothing, on the test images. @returns undefined where `isStopped` became true meanwhile */
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
  // A run that was stopped while it evaluated an epoch has no step of it left.
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
        `note: ${where} was lost and has been opened again; training continues from the last snapshot`,
      );
      return device;
    },
    ...(validation ? { validation } : {}),
    ...(patience === null ? {} : { earlyStopping: { patience } }),
    ...(saved ? { resume: saved } : {}),
    snapshotSeconds: checkpointSeconds,
    onSnapshot: (checkpoint) => book.saveLater(checkpoint),
    onStart: async (trainer) => {
      // Weights from elsewhere may be gone when the run is resumed.
      if (weights !== null && !saved) await book.keepStart(await trainer.snapshot());
      await book.catchUp();
      await book.write('running');
      await book.begin();
      if (run.head !== undefined && !saved && listener.untrained) {
        const before = await evaluated(run, trainer, () => timeIsUp || signal?.aborted === true);
        if (before) await listener.untrained(before);
      }
      const { lockProblem } = folder;
      if (lockProblem !== undefined) {
        listener.note(
          `note: ${folder.shown} is not locked (${lockProblem}): do not start a second training of it`,
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
    // The best epoch's where early stopping has gone back to it.
    const { values } = result.checkpoint.stopping ?? result.checkpoint;
    const last = await book.finish(values, result.bestEpoch, result.trainer.device);
    // The run is finished, whatever becomes of an old checkpoint.
    await folder.checkpoints.keepLast().catch(() => undefined);
    return last;
  } finally {
    await result.trainer[Symbol.asyncDispose]().catch(() => undefined);
  }
}
