// The options, callbacks and results of fit.
import type { Device } from '../../backend/contract.ts';
import type { Initializer } from '../../initializers.ts';
import type { Tensors } from '../../tensor.ts';
import type { ApplyOptions } from '../graphs/apply.ts';
import type { Dataset } from '../data/dataset.ts';
import type { LossOptions } from '../graphs/gradients.ts';
import type { Model } from '../model.ts';
import type { Optimizer } from '../optimizers.ts';
import type { RoleOptions } from '../roles.ts';
import type { Schedule } from '../schedules.ts';
import type { StepResult } from '../startedStep.ts';
import type { StartingWeights, WeightsReport } from '../startingWeights.ts';
import type { AccumulationOptions } from '../stepPrograms.ts';
import type { Metrics, Scores } from '../task/task.ts';
import type { Trainer } from '../trainer.ts';
import type { EarlyStopping, StoppingState } from './earlyStopping.ts';

/**
 * Options of `fit`. The extended interfaces add: `task` and `parameters` (frozen, or with their own learning rate) of
 * {@link LossOptions}, `clipNorm` and `movingAverage` of {@link ApplyOptions}, `microBatchSize` of {@link AccumulationOptions},
 * `weights` of {@link StartingWeights}, and `onStep`, `onEpoch` and other callbacks of {@link FitCallbacks}.
 */
export interface FitOptions
  extends LossOptions, ApplyOptions, AccumulationOptions, RoleOptions, StartingWeights, FitCallbacks {
  /** The network to train. */
  readonly model: Model;
  /** The device to train on. The caller disposes of it. */
  readonly device: Device;
  /** The training samples, reshuffled in each epoch. */
  readonly train: Dataset;
  /**
   * If given, evaluated after each epoch. Decisions such as early stopping or the choice of a recipe depend
   * on it.
   */
  readonly validation?: Dataset;
  /** If given, evaluated after each epoch. No decision depends on it. */
  readonly test?: Dataset;
  /** The number of passes over `train`, at least 0. */
  readonly epochs: number;
  /** The number of samples per step, at least 1. */
  readonly batchSize: number;
  /** Drops an epoch's last batch if it would be smaller. Default false. */
  readonly dropLast?: boolean;
  /**
   * The number of batches to prepare while the device computes. Default 1. Two steps are in flight, so at most `prefetch + 2`
   * batches are in memory.
   */
  readonly prefetch?: number;
  /** The optimizer: `sgd(...)`, `adam(...)` or your own. */
  readonly optimizer: Optimizer;
  /** The learning rate: `oneCycle({ peak: 0.1 })`, your own function of the step, or one number for all steps. */
  readonly schedule: Schedule | number;
  /** Initializes the weights that `weights` does not provide: `he` for ReLU networks, or `xavier`. */
  readonly initializer: Initializer;
  /** The seed of initial weights, shuffles and dropout masks, from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Ends training when validation no longer improves. */
  readonly earlyStopping?: EarlyStopping;
  /** The checkpoint of a stopped run to continue from. */
  readonly resume?: Checkpoint;
  /**
   * A trainer created beforehand with the same options, and with the initial values or the values of
   * `resume`, so that its programs are available before the first step. `fit` disposes of it if it throws or
   * continues on another device.
   */
  readonly trainer?: Trainer;
  /**
   * A signal, e.g. an AbortSignal: once `aborted` is true, training stops after the current step or
   * evaluation batch.
   */
  readonly signal?: { readonly aborted: boolean };
  /**
   * Reopens the device when it is lost (a driver reset, a dead worker), at the start or later. Training then
   * returns to the last snapshot and repeats the later steps with the same bits, without reporting them
   * again. The caller disposes of both devices. If omitted, a lost device throws `TrainingLostError`.
   */
  readonly reopen?: () => Promise<Device>;
  /**
   * The interval, in seconds, at which the state is copied to the host for recovery and `onSnapshot`. Default 60. A snapshot is
   * taken early, before a step or an evaluation that would exceed the interval. A checkpoint taken in `onEpoch` counts as a
   * snapshot.
   */
  readonly snapshotSeconds?: number;
}

/**
 * The callbacks of `fit`. Each call is awaited; its result is ignored. With `reopen`, a callback that fails because the device
 * is lost (e.g. in `checkpoint()`) is called again on the next device.
 */
export interface FitCallbacks {
  /** Called before the first step if `weights` were given, with a report on the weights that were loaded. */
  readonly onWeights?: (report: WeightsReport) => unknown;
  /**
   * Called before the first step, when the state is on the device. After a device loss another trainer
   * continues; `onEpoch` receives that trainer.
   */
  readonly onStart?: (trainer: Trainer) => unknown;
  /** Called after each step. */
  readonly onStep?: (progress: StepProgress) => unknown;
  /**
   * Called after each epoch.
   * @param checkpoint takes a checkpoint for `resume`; call it before the callback finishes
   */
  readonly onEpoch?: (
    report: EpochReport,
    trainer: Trainer,
    checkpoint: () => Promise<Checkpoint>,
  ) => unknown;
  /** Called after each snapshot, see `snapshotSeconds`. */
  readonly onSnapshot?: (checkpoint: Checkpoint) => unknown;
}

/** The progress of a training run, with everything needed to continue it. */
export interface Checkpoint {
  /** The number of completed steps. */
  readonly step: number;
  /** Parameters, buffers, slots and averages: {@link Trainer.snapshot}. */
  readonly values: Tensors;
  /** The sums of the current epoch so far. */
  readonly epoch: EpochTotals;
  /** The state of early stopping, after the first validation. */
  readonly stopping?: StoppingState;
}

/** Sums over the samples of an epoch so far. */
export interface EpochTotals {
  /** The sum of the samples' losses. */
  readonly loss: number;
  /** The number of samples. */
  readonly count: number;
  /** The sums of the task's metrics. */
  readonly scores: Scores;
  /** The seconds spent so far. */
  readonly seconds: number;
}

/** The argument of {@link FitCallbacks.onStep}. */
export interface StepProgress {
  /** The epoch, counted from 1. */
  readonly epoch: number;
  /** The number of completed steps in the run, including this one. */
  readonly step: number;
  /** The total number of steps in the run. */
  readonly steps: number;
  /** The learning rate of this step. */
  readonly lr: number;
  /** The loss and the metrics of the step's batch. */
  readonly batch: StepResult;
  /** The sums of the epoch, including this step. */
  readonly totals: EpochTotals;
}

/**
 * The first argument of {@link FitCallbacks.onEpoch}. Accuracies are copied from the metrics, if the task has them. With
 * `movingAverage`, validation and test use the averaged weights.
 */
export interface EpochReport {
  /** The epoch, counted from 1. */
  readonly epoch: number;
  /** The mean loss over the epoch's samples, measured during training. */
  readonly loss: number;
  /** The task's metrics over the epoch's samples, measured during training. */
  readonly metrics: Metrics;
  /** `metrics.accuracy`, from 0 to 1. */
  readonly trainAccuracy?: number;
  /** The mean loss over the validation samples, if any. */
  readonly validationLoss?: number;
  /** The task's metrics over the validation samples. */
  readonly validationMetrics?: Metrics;
  /** `validationMetrics.accuracy`, from 0 to 1. */
  readonly validationAccuracy?: number;
  /** The mean loss over the test samples, if any. */
  readonly testLoss?: number;
  /** The task's metrics over the test samples. */
  readonly testMetrics?: Metrics;
  /** `testMetrics.accuracy`, from 0 to 1. */
  readonly testAccuracy?: number;
  /** The duration of training and evaluation together, as the book Dive into Deep Learning measures it. */
  readonly seconds: number;
}

/** The result of `fit`. */
export interface FitResult {
  /** The trainer, to evaluate, predict or continue training. The caller disposes of it. */
  readonly trainer: Trainer;
  /** The report of each epoch that this call trained. */
  readonly epochs: readonly EpochReport[];
  /** The number of completed steps. */
  readonly step: number;
  /** The sums of the current epoch; all zero at the end of an epoch. */
  readonly totals: EpochTotals;
  /** True if training is complete; false if it was stopped by its signal. */
  readonly finished: boolean;
  /** With early stopping, the best epoch, whose weights the trainer holds, counted from 1. */
  readonly bestEpoch?: number;
  /**
   * The final checkpoint on the host, for `resume` or storage. With early stopping the trainer holds the best
   * weights; the checkpoint holds the weights of the last epoch, with the best ones in `stopping.values`.
   */
  readonly checkpoint: Checkpoint;
}
