// The training loop. It holds no numbers of its own: what a run does next is a function of (seed, epoch, step), so a run
// that was stopped goes on from its state and its step count, to the bit.
import type { Device } from '../backend/contract.ts';
import { initialize } from '../initializers.ts';
import type { Initializer } from '../initializers.ts';
import type { Tensors } from '../tensor.ts';
import type { Dataset, EpochBatch } from './batches.ts';
import { batchCount, batches } from './batches.ts';
import { evaluate } from './evaluate.ts';
import { letEventsRun } from './events.ts';
import type { ApplyOptions, LossOptions, Model } from './model.ts';
import { stateOf } from './model.ts';
import type { Optimizer } from './optimizers.ts';
import type { RoleOptions } from './roles.ts';
import type { Schedule } from './schedules.ts';
import type { StartedStep, StepResult } from './startedStep.ts';
import type { AccumulationOptions } from './stepPrograms.ts';
import { Trainer } from './trainer.ts';

export interface FitOptions extends LossOptions, ApplyOptions, AccumulationOptions, RoleOptions {
  readonly model: Model;
  readonly device: Device;
  readonly train: Dataset;
  /** Evaluated after each epoch when given. */
  readonly test?: Dataset;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly initializer: Initializer;
  /** 0 .. 2^32 - 1: of the initial weights, the shuffles and the masks. */
  readonly seed: number;
  /** Where a stopped run goes on. */
  readonly resume?: Checkpoint;
  /**
   * Made beforehand by the same options, with the values of the start or of `resume`: its programs are known before the
   * first step. `fit` disposes of it when it throws.
   */
  readonly trainer?: Trainer;
  /** Stops after the step or the evaluated batch in hand when it becomes aborted; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /** Called, and awaited, before the first step: the state is on the device. */
  readonly onStart?: (trainer: Trainer) => void | Promise<void>;
  readonly onStep?: (progress: StepProgress) => void;
  /** Called, and awaited, after each epoch. */
  readonly onEpoch?: (report: EpochReport, trainer: Trainer) => void | Promise<void>;
}

export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Parameters, buffers and slots: {@link Trainer.snapshot}. */
  readonly values: Tensors;
  /** What the epoch in hand has added up so far. */
  readonly epoch: EpochTotals;
}

/** Sums over the images that an epoch has seen. */
export interface EpochTotals {
  readonly loss: number;
  readonly correct: number;
  readonly count: number;
  readonly seconds: number;
}

export interface StepProgress {
  /** From 1. */
  readonly epoch: number;
  /** Steps done in this run, from 1, and in all. */
  readonly step: number;
  readonly steps: number;
  readonly lr: number;
  readonly batch: StepResult;
  readonly totals: EpochTotals;
}

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** The mean loss over the epoch's images, as they were seen. */
  readonly loss: number;
  readonly trainAccuracy: number;
  readonly testAccuracy?: number;
  /** Training and evaluation together, as the book counts. */
  readonly seconds: number;
}

export interface FitResult {
  /** On the device, to evaluate, predict, or go on with; the caller disposes of it. */
  readonly trainer: Trainer;
  readonly epochs: readonly EpochReport[];
  /** Where it stands: the end, or where it was stopped. */
  readonly step: number;
  readonly totals: EpochTotals;
  readonly finished: boolean;
}

const nothing: EpochTotals = { loss: 0, correct: 0, count: 0, seconds: 0 };

/**
 * Trains a model. The next batch is made while the device computes.
 * @throws DataError `BATCHES` when an option is no whole number in its range; what the data throws, once the steps before it
 * are reported
 * @throws NonFiniteError when a step's loss or gradients are NaN or infinite
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { train, epochs, batchSize, resume } = options;
  const trainer = options.trainer ?? (await newTrainer(options));
  try {
    await options.onStart?.(trainer);
    const perEpoch = batchCount(train.length, batchSize);
    const steps = perEpoch * epochs;
    const reports: EpochReport[] = [];
    let step = resume?.step ?? 0;
    let totals = resume?.epoch ?? nothing;
    const stopped = (): FitResult => ({ trainer, epochs: reports, step, totals, finished: false });
    // A run that was stopped while it evaluated has an epoch to report before it trains on.
    while (step < steps || totals.count > 0) {
      const trained = totals.count > 0 && step % perEpoch === 0;
      if (!trained) {
        const run = await runEpoch(options, trainer, step, steps, totals);
        ({ step, totals } = run);
        if (!run.finished) return stopped();
      }
      const report = await reportEpoch(options, trainer, step / perEpoch, totals);
      if (!report) return stopped();
      reports.push(report);
      totals = nothing;
      await options.onEpoch?.(report, trainer);
    }
    return { trainer, epochs: reports, step, totals, finished: true };
  } catch (error) {
    await trainer[Symbol.asyncDispose]();
    throw error;
  }
}

async function newTrainer(options: FitOptions): Promise<Trainer> {
  const { model, initializer, seed, resume } = options;
  const values = resume?.values ?? initialize(stateOf(model).parameters, initializer, seed);
  return Trainer.create({ ...options, values });
}

/** From `first` to the end of its epoch. Two steps are under way at a time, so that the device need not wait for us. */
async function runEpoch(
  { train, batchSize, schedule, seed, signal, onStep }: FitOptions,
  trainer: Trainer,
  first: number,
  steps: number,
  start: EpochTotals,
): Promise<{ step: number; totals: EpochTotals; finished: boolean }> {
  const perEpoch = batchCount(train.length, batchSize);
  const epoch = Math.floor(first / perEpoch);
  const began = Date.now();
  const pending: { readonly started: StartedStep; readonly lr: number }[] = [];
  let totals = start;
  let reported = first;
  const settle = async (): Promise<void> => {
    const oldest = pending.shift();
    if (!oldest) return;
    const batch = await oldest.started.read();
    reported++;
    totals = {
      loss: totals.loss + batch.loss * batch.count,
      correct: totals.correct + batch.correct,
      count: totals.count + batch.count,
      seconds: start.seconds + (Date.now() - began) / 1000,
    };
    onStep?.({ epoch: epoch + 1, step: reported, steps, lr: oldest.lr, batch, totals });
  };
  const order = { batchSize, shuffle: { seed, epoch }, from: first - epoch * perEpoch };
  const source = batches(train, order)[Symbol.iterator]();
  let step = first;
  let next = attempt(source);
  try {
    while (next.batch) {
      await letEventsRun();
      if (signal?.aborted) break;
      const lr = schedule({ step, steps, batch: next.batch.labels.data.length, batchSize });
      const started = await trainer.start(next.batch, step, lr);
      pending.push({ started, lr });
      step++;
      next = attempt(source); // While the device computes.
      await started.accepted;
      if (pending.length > 1) await settle();
    }
    while (pending.length > 0) await settle();
  } catch (error) {
    for (const { started } of pending) started.discard();
    throw error;
  }
  if ('error' in next && !signal?.aborted) throw next.error;
  return { step, totals, finished: step === (epoch + 1) * perEpoch };
}

/** The next batch, none after the last. It is made ahead of its turn, so what making it throws is kept until then. */
function attempt(source: Iterator<EpochBatch>): { readonly batch?: EpochBatch; readonly error?: unknown } {
  try {
    const result = source.next();
    return result.done ? {} : { batch: result.value };
  } catch (error) {
    return { error };
  }
}

/** Evaluates, if there is something to evaluate on. @returns undefined when it was stopped before the end */
async function reportEpoch(
  { model, device, test, signal, plans, onProgram }: FitOptions,
  { state }: Trainer,
  epoch: number,
  totals: EpochTotals,
): Promise<EpochReport | undefined> {
  const began = Date.now();
  const onBatch = (): void => {
    if (signal?.aborted) throw new Stopped();
  };
  try {
    const tested = test && (await evaluate({ model, device, state, data: test, onBatch, plans, onProgram }));
    return {
      epoch,
      loss: totals.loss / totals.count,
      trainAccuracy: totals.correct / totals.count,
      ...(tested ? { testAccuracy: tested.accuracy } : {}),
      seconds: totals.seconds + (Date.now() - began) / 1000,
    };
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

/** Thrown to leave an evaluation that is no longer wanted. */
class Stopped extends Error {}
