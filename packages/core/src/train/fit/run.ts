// One training run: its progress, its epochs, and its recovery from a lost device.
import type { Device } from '../../backend/contract.ts';
import { BackendError, isLost, NonFiniteError } from '../../errors.ts';
import type { Tensors } from '../../tensor.ts';
import { dimOf } from '../../tensor.ts';
import { BatchQueue, batchCount } from '../data/batches.ts';
import { letEventsRun } from '../events.ts';
import type { StartedStep } from '../startedStep.ts';
import type { WeightsReport } from '../startingWeights.ts';
import { addScores } from '../task/task.ts';
import type { Trainer } from '../trainer.ts';
import type { StoppingState } from './earlyStopping.ts';
import { watched } from './earlyStopping.ts';
import { TrainingHaltedError } from './errors.ts';
import { Recovery } from './lost.ts';
import type { Checkpoint, EpochTotals, FitOptions, FitResult } from './options.ts';
import type { Reported } from './report.ts';
import { reportOf } from './report.ts';
import { RunPlans } from './runPlans.ts';
import { newTrainer, startOf } from './start.ts';
import { Notifier } from './notifier.ts';

const nothing: EpochTotals = { loss: 0, count: 0, scores: {}, seconds: 0 };

/** A step in flight, and its learning rate. */
interface Pending {
  readonly started: StartedStep;
  readonly lr: number;
}

/** The parts of a run. */
interface RunParts {
  readonly start: Checkpoint;
  /** The report on the given weights, if any. */
  readonly weights: WeightsReport | undefined;
  readonly trainer: Trainer;
  readonly plans: RunPlans;
  readonly recovery: Recovery;
}

export class FitRun {
  readonly #options: FitOptions;
  readonly #perEpoch: number;
  readonly #steps: number;
  readonly #plans: RunPlans;
  readonly #recovery: Recovery;
  readonly #notifier: Notifier;
  #trainer: Trainer;
  #step: number;
  #totals: EpochTotals;
  #stopping: StoppingState | undefined;
  /** The checkpoint to recover from when the device is lost. */
  #snapshot: Checkpoint;
  #snapshotTime = Date.now();
  /** The duration of the last step, as an estimate for the next. */
  #stepSeconds = 0;
  #settledTime = Date.now();

  private constructor(options: FitOptions, { start, weights, trainer, plans, recovery }: RunParts) {
    const { train, batchSize, dropLast = false, epochs, earlyStopping } = options;
    const { stopping, ...place } = start;
    this.#options = options;
    this.#perEpoch = batchCount(train.length, batchSize, dropLast);
    this.#steps = this.#perEpoch * epochs;
    this.#plans = plans;
    this.#recovery = recovery;
    this.#trainer = trainer;
    this.#step = start.step;
    this.#totals = start.epoch;
    // A run without early stopping drops any earlier stopping state.
    this.#stopping = earlyStopping && stopping;
    this.#snapshot = this.#stopping ? start : place;
    this.#notifier = new Notifier(options, weights, start.step);
  }

  /** Creates a run: uploads the initial values, or the checkpoint to resume from, to the device. */
  static async create(options: FitOptions): Promise<FitRun> {
    const { resume, trainer: given, device, reopen } = options;
    const plans = new RunPlans(options);
    const onDevice = (opened: Device, values: Tensors): Promise<Trainer> =>
      newTrainer(options, opened, values, plans);
    const recovery = new Recovery(reopen, onDevice);
    const { values, report: weights } = await startOf(options);
    const start = resume ?? { step: 0, values, epoch: nothing };
    const trainer =
      given ??
      (await onDevice(device, values).catch((error: unknown) => {
        if (!isLost(error)) throw error;
        return recovery.trainer(error, start);
      }));
    return new FitRun(options, { start, weights, trainer, plans, recovery });
  }

  /** Trains until the run is complete or stopped. */
  train(): Promise<FitResult> {
    return this.#disposing(async () => {
      for (;;) {
        try {
          await this.#notifier.start(this.#trainer);
          return await this.#trainOn();
        } catch (error) {
          if (!isLost(error)) throw error;
          await this.#recover(error);
        }
      }
    });
  }

  async #trainOn(): Promise<FitResult> {
    const { earlyStopping } = this.#options;
    // A run that was stopped during evaluation must report its epoch before it continues training.
    while (!this.#hasStopped() && (this.#step < this.#steps || this.#totals.count > 0)) {
      const trained = this.#totals.count > 0 && this.#step % this.#perEpoch === 0;
      if (!trained && !(await this.#epoch())) return await this.#result(false);
      const isNewer = this.#step > this.#snapshot.step;
      if (isNewer && this.#wantsSnapshot(this.#evaluationSeconds())) await this.#takeSnapshot();
      const reported = await this.#report();
      if (!reported) return await this.#result(false);
      const { report, validation } = reported;
      if (earlyStopping && validation) {
        const snapshot = (): Promise<Tensors> => this.#trainer.snapshot();
        this.#stopping = await watched(earlyStopping, this.#stopping, report.epoch, validation, snapshot);
      }
      this.#totals = nothing;
      let taken: Checkpoint | undefined;
      const isNew = await this.#notifier.epoch(report, this.#trainer, async () => {
        taken = await this.#checkpoint();
        return taken;
      });
      if (isNew) this.#recovery.progressed();
      // The checkpoint serves as a snapshot unless the callback failed, in which case the epoch must be
      // reported again.
      if (taken) this.#keepSnapshot(taken);
    }
    // Take the checkpoint before restoring the best weights: a later run with more patience or epochs
    // continues from this checkpoint.
    const result = await this.#result(true);
    if (this.#stopping) await this.#trainer.restore(this.#stopping.values);
    return result;
  }

  /** Returns true if early stopping has ended training, in this run or before the resumed checkpoint. */
  #hasStopped(): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && (this.#stopping?.waited ?? 0) >= earlyStopping.patience;
  }

  /**
   * Trains to the end of the current epoch. Two steps are in flight at a time, so that the device never waits.
   * @returns false if stopped
   */
  async #epoch(): Promise<boolean> {
    const { train, batchSize, seed, signal, dropLast = false, prefetch = 1 } = this.#options;
    const epoch = Math.floor(this.#step / this.#perEpoch);
    const from = this.#step - epoch * this.#perEpoch;
    const clock = { startedAt: Date.now(), before: this.#totals.seconds };
    this.#settledTime = Date.now();
    const queue = new BatchQueue(train, { batchSize, shuffle: { seed, epoch }, from, dropLast, prefetch });
    const pending: Pending[] = [];
    const settle = async (): Promise<void> => {
      const oldest = pending.shift();
      if (oldest) await this.#settle(oldest, epoch, clock);
    };
    try {
      for (let step = this.#step; step < (epoch + 1) * this.#perEpoch; step++) {
        await letEventsRun();
        if (signal?.aborted) break;
        const next = await this.#startStep(queue, step).catch(async (error: unknown) => {
          // An error of the dataset is thrown after the preceding steps are reported.
          while (pending.length > 0) await settle();
          throw error;
        });
        if (!next) break;
        pending.push(next);
        queue.prefetch(); // While the device computes.
        await next.started.accepted;
        if (pending.length > 1) await settle();
        if (this.#wantsSnapshot(this.#stepSeconds)) {
          while (pending.length > 0) await settle();
          await this.#takeSnapshot();
        }
      }
      while (pending.length > 0) await settle();
    } catch (error) {
      for (const { started } of pending) started.discard();
      throw error;
    }
    return this.#step === (epoch + 1) * this.#perEpoch;
  }

  /** Starts a step with the next batch; returns undefined if training was stopped meanwhile. */
  async #startStep(queue: BatchQueue, step: number): Promise<Pending | undefined> {
    const { schedule, batchSize, signal } = this.#options;
    const batch = await queue.take();
    if (!batch) throw new BackendError('BATCHES', 'the dataset ended before its epoch');
    if (signal?.aborted) return undefined;
    const position = { step, steps: this.#steps, batch: dimOf(batch.inputs.shape, 0), batchSize };
    const lr = typeof schedule === 'number' ? schedule : schedule(position);
    return { started: await this.#trainer.start(batch, step, lr), lr };
  }

  async #settle(
    { started, lr }: Pending,
    epoch: number,
    { startedAt, before }: { readonly startedAt: number; readonly before: number },
  ): Promise<void> {
    const batch = await started.read().catch((error: unknown) => {
      // Computing the metrics may reveal non-finite outputs only after the update: the state is then ahead of
      // the step count.
      const committed = error instanceof NonFiniteError && error.origin.step === undefined;
      return committed ? Promise.reject(error) : this.#halted(error);
    });
    this.#step++;
    this.#totals = {
      loss: this.#totals.loss + batch.loss * batch.count,
      count: this.#totals.count + batch.count,
      scores: addScores(this.#totals.scores, batch.scores),
      seconds: before + (Date.now() - startedAt) / 1000,
    };
    this.#stepSeconds = (Date.now() - this.#settledTime) / 1000;
    this.#settledTime = Date.now();
    const place = { epoch: epoch + 1, step: this.#step, steps: this.#steps, lr };
    const isNew = await this.#notifier.step({ ...place, batch, totals: this.#totals });
    if (isNew) this.#recovery.progressed();
  }

  #report(): Promise<Reported | undefined> {
    const epoch = this.#step / this.#perEpoch;
    return reportOf(this.#options, this.#trainer, this.#plans, epoch, this.#totals).catch((error: unknown) =>
      this.#halted(error),
    );
  }

  /** @param ahead seconds until the next chance to take a snapshot */
  #wantsSnapshot(ahead: number): boolean {
    const { snapshotSeconds = 60 } = this.#options;
    const since = Date.now() - this.#snapshotTime;
    // If the clock was set back, take a snapshot.
    return since < 0 || since + ahead * 1000 >= snapshotSeconds * 1000;
  }

  /** Estimates the duration of this epoch's evaluation: a training step costs about three forward passes. */
  #evaluationSeconds(): number {
    const { test, validation } = this.#options;
    const { seconds, count } = this.#totals;
    const samples = [test, validation].reduce((sum, data) => sum + (data ? data.length : 0), 0);
    return (samples * seconds) / count / 3;
  }

  async #takeSnapshot(): Promise<void> {
    this.#keepSnapshot(await this.#checkpoint());
    await this.#options.onSnapshot?.(this.#snapshot);
    this.#settledTime = Date.now();
  }

  #keepSnapshot(snapshot: Checkpoint): void {
    this.#snapshot = snapshot;
    this.#snapshotTime = Date.now();
  }

  async #checkpoint(): Promise<Checkpoint> {
    const place = { step: this.#step, epoch: this.#totals };
    const values = await this.#trainer.snapshot();
    return { ...place, values, ...(this.#stopping ? { stopping: this.#stopping } : {}) };
  }

  /** Adds a checkpoint to an error that left the state consistent with the step count. */
  async #halted(error: unknown): Promise<never> {
    throw error instanceof NonFiniteError ? new TrainingHaltedError(error, await this.#checkpoint()) : error;
  }

  /** Returns to the last snapshot, on a reopened device. */
  async #recover(lost: unknown): Promise<void> {
    const { step, epoch, stopping } = this.#snapshot;
    // A trainer that was passed in has not recorded its plans.
    for (const [role, plan] of this.#trainer.plans) this.#plans.keep(role, plan);
    await this.#trainer[Symbol.asyncDispose]().catch(() => undefined);
    this.#trainer = await this.#recovery.trainer(lost, this.#snapshot);
    this.#step = step;
    this.#totals = epoch;
    this.#stopping = stopping;
  }

  /** Builds the result. The checkpoint is read here, where a lost device can still be reopened. */
  async #result(finished: boolean): Promise<FitResult> {
    const best = this.#stopping;
    const checkpoint = await this.#checkpoint();
    return {
      trainer: this.#trainer,
      epochs: this.#notifier.reports,
      step: this.#step,
      totals: this.#totals,
      finished,
      ...(best ? { bestEpoch: best.epoch } : {}),
      checkpoint,
    };
  }

  /** Runs `work`; if it throws, disposes of the trainer. */
  async #disposing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.#trainer[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
  }
}
