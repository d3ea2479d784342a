// Trains a prepared run into its folder. Every 40 seconds, after each epoch, and when it is stopped, the folder holds all that is
// needed to resume it, to the bit.
import type { Checkpoint, Device, EpochReport, ModelState, StepProgress, Tensors } from '@isonet/core';
import {
  asFloat32,
  averageName,
  defined,
  fit,
  float32,
  NonFiniteError,
  TrainingHaltedError,
  TrainingLostError,
} from '@isonet/core';
import { trainingImages } from '../data.ts';
import type { EpochEntry } from '../folder/metrics.ts';
import type { RunRecord, RunStatus } from '../folder/record.ts';
import type { RunFolder } from '../folder/runFolder.ts';
import { lastSegment, withSegment } from '../folder/segments.ts';
import { settingsOf } from '../folder/settings.ts';
import { command } from '../shell.ts';
import { collapseOf } from './collapse.ts';
import { epochEntry, startEntry } from './entries.ts';
import type { PreparedRun } from './prepare.ts';
import { isPlanError, trainerOptions } from './programs.ts';
import { Saver } from './saver.ts';

/** Called as the run goes on. The calls for steps and epochs are awaited, promises included. */
export interface TrainingListener {
  /** After each step. */
  step(progress: StepProgress): unknown;
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
   * killed loses less than a minute of work.
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
  const reopened: Device[] = [];
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
    const isOldPlan = isPlanError(error) && reopened.length === 0;
    throw isOldPlan ? folder.planError(run.opened.backend, error) : error;
  } finally {
    for (const device of reopened) await device[Symbol.asyncDispose]();
    await folder.release();
  }
}

/** The errors of evaluations, unlike those of steps, do not say when that was and what to do. */
function haltText(error: NonFiniteError): string {
  if (error.origin.step !== undefined || !(error instanceof TrainingHaltedError)) return error.message;
  return `evaluation after step ${error.checkpoint.step}: ${error.message}; try a lower learning rate`;
}

async function trainAndSave(
  run: PreparedRun,
  book: RecordBook,
  reopened: Device[],
  listener: TrainingListener,
  { signal, maxSeconds = Infinity, checkpointSeconds = CHECKPOINT_SECONDS }: TrainingLimits,
): Promise<RunRecord> {
  const { recipe, opened, trainer: prepared, plans, data, record, saved, folder } = run;
  const { epochs, lr, batchSize, patience, weights } = record.options;
  const { train, validation } = trainingImages(data.train, record.options);
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
      const device = await opened.reopen();
      reopened.push(device);
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
      await book.write('running');
      await book.begin();
      const { lockProblem } = folder;
      if (lockProblem !== undefined) {
        listener.note(
          `note: ${folder.shown} is not locked (${lockProblem}): do not train it twice at a time`,
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
    await folder.checkpoints.keepLast();
    return last;
  } finally {
    await result.trainer[Symbol.asyncDispose]();
  }
}

/** Keeps run.json, and plan.json where there are choices, up to date as the run goes on. */
class RecordBook {
  readonly #run: PreparedRun;
  readonly #state: Pick<ModelState, 'parameters' | 'buffers'>;
  #record: RunRecord;
  /** Number of plans in plan.json. */
  #saved = 0;
  readonly #saver = new Saver();

  constructor(run: PreparedRun) {
    this.#run = run;
    const { record, saved } = run;
    const { step, history } = saved ?? { step: 0, history: [] };
    this.#record = { ...record, step, history };
    this.#state = run.trainer;
  }

  /** Says what a failure leaves behind. */
  kept({ shown }: RunFolder): string {
    const { step } = this.#record;
    return step === 0 ? `${shown} holds no weights yet` : `${shown} keeps the state after step ${step}`;
  }

  async write(status: RunStatus): Promise<RunRecord> {
    const { folder, plans, opened } = this.#run;
    const { data, records } = plans;
    if (data !== undefined && Object.keys(data).length > this.#saved) {
      await folder.writePlans({ backend: opened.backend, device: opened.device.info.id, plans: data });
      this.#saved = Object.keys(data).length;
    }
    const segment = { ...lastSegment(this.#record), plans: records };
    const segments = withSegment(this.#record.segments, segment);
    this.#record = { ...this.#record, segments, status, updated: new Date().toISOString() };
    await folder.writeRecord(this.#record);
    return this.#record;
  }

  /** Opens metrics.jsonl for what is trained from here on. */
  async begin(): Promise<void> {
    const { folder } = this.#run;
    const { step, history } = this.#record;
    await folder.trimMetrics({ step, epochs: history.length });
    await folder.appendMetrics(startEntry(this.#run));
  }

  /**
   * Saves the state after an epoch. Its line of metrics.jsonl first: should the process die in between, the run resumes before
   * the epoch, which drops the line and writes it again.
   */
  async saveEpoch(checkpoint: Checkpoint, report: EpochReport, entry: EpochEntry): Promise<void> {
    await this.#run.folder.appendMetrics(entry);
    await this.save(checkpoint, report);
  }

  /** Saves the values of a run before its first step. */
  async keepStart(values: Tensors): Promise<void> {
    const epoch = { loss: 0, count: 0, scores: {}, seconds: 0 };
    await this.#writeCheckpoint({ step: 0, epoch, values }, []);
  }

  /** Saves while the training goes on. @throws what an earlier save failed with */
  saveLater(checkpoint: Checkpoint): void {
    this.#saver.later(() => this.#save(checkpoint));
  }

  /** Saves, and resolves when it is done. @throws what this or an earlier save failed with */
  save(checkpoint: Checkpoint, report?: EpochReport): Promise<void> {
    return this.#saver.now(() => this.#save(checkpoint, report));
  }

  /** @throws what a save failed with: a training that cannot be saved is not worth going on with */
  check(): void {
    this.#saver.check();
  }

  /** Resolves when nothing is being saved. */
  settled(): Promise<void> {
    return this.#saver.settled();
  }

  /** Saves the last snapshot of a lost device, where the folder is not further on. */
  async rescue(checkpoint: Checkpoint): Promise<void> {
    if (checkpoint.step > this.#record.step) await this.save(checkpoint);
  }

  /** The checkpoint first: it alone decides where a run goes on, so the files may be of different steps for a moment. */
  async #save(checkpoint: Checkpoint, report?: EpochReport): Promise<void> {
    const { folder } = this.#run;
    const { step, values } = checkpoint;
    const { history: before } = this.#record;
    const history = report ? [...before, report] : before;
    await this.#writeCheckpoint(checkpoint, history);
    const weights = weightsOf(this.#state, values);
    await folder.writeWeights(weights);
    if (report && isBest(report, before)) await folder.writeBest(weights);
    this.#record = { ...this.#record, step, history };
    await this.write('running');
  }

  #writeCheckpoint(checkpoint: Checkpoint, history: readonly EpochReport[]): Promise<void> {
    const settings = settingsOf(this.#record);
    return this.#run.folder.checkpoints.write({ ...checkpoint, history, settings });
  }

  /** Saves what the run has come to. Early stopping has gone back to its best epoch: the weights are not those of the last. */
  async finish(values: Tensors, bestEpoch: number | undefined, device: Device): Promise<RunRecord> {
    const { folder, model, task, plans, data } = this.#run;
    const weights = weightsOf(this.#state, values);
    if (bestEpoch !== undefined) await folder.writeWeights(weights);
    const collapse = await collapseOf({ model, task, device, plans }, weights, data.test);
    this.#record = {
      ...this.#record,
      ...(bestEpoch === undefined ? {} : { bestEpoch }),
      ...(collapse === undefined ? {} : { collapse }),
    };
    return this.write('finished');
  }
}

/** Whether the validation loss is the lowest so far. */
function isBest({ validationLoss }: EpochReport, before: readonly EpochReport[]): boolean {
  if (validationLoss === undefined) return false;
  return before.every((report) => validationLoss < defined(report.validationLoss, 'the validation loss'));
}

/**
 * What evaluation, prediction and export use: parameters, averaged where averages are kept, and buffers; as float32 even where
 * the device computes in float64.
 */
function weightsOf(
  { parameters, buffers }: Pick<ModelState, 'parameters' | 'buffers'>,
  values: Tensors,
): Tensors {
  return Object.fromEntries(
    [...parameters, ...buffers].map(({ name, shape }) => {
      const value = values[averageName(name)] ?? values[name];
      return [name, float32(shape, asFloat32(defined(value, `the weight "${name}"`)))];
    }),
  );
}
