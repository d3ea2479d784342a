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
 * Options of `fit`. What they extend has the rest: `task` and `parameters` (frozen, or with a learning rate of their own)
 * of {@link LossOptions}, `clipNorm` and `movingAverage` of {@link ApplyOptions}, `microBatchSize` of
 * {@link AccumulationOptions}, `weights` of {@link StartingWeights}, `onStep`, `onEpoch` and others of {@link FitCallbacks}.
 */
export interface FitOptions
  extends LossOptions, ApplyOptions, AccumulationOptions, RoleOptions, StartingWeights, FitCallbacks {
  /** The network that is trained. */
  readonly model: Model;
  /** Where it is trained; the caller disposes of it. */
  readonly device: Device;
  /** Shuffled anew in each epoch. */
  readonly train: Dataset;
  /** Evaluated after each epoch when given: what decisions (early stopping, the choice of a recipe) are made by. */
  readonly validation?: Dataset;
  /** Evaluated after each epoch when given: nothing is decided by it. */
  readonly test?: Dataset;
  /** Passes over `train`, 0 or more. */
  readonly epochs: number;
  /** Samples of a step, 1 or more. */
  readonly batchSize: number;
  /** Leaves out an epoch's last batch where it would be smaller; default false. */
  readonly dropLast?: boolean;
  /**
   * Batches to prepare while the device computes; default 1. With the two steps that are under way, at most
   * `prefetch + 2` batches are alive.
   */
  readonly prefetch?: number;
  /** How gradients change the weights: `sgd(...)`, `adam(...)`, or one of your own. */
  readonly optimizer: Optimizer;
  /** The learning rate of each step: `oneCycle({ peak: 0.1 })`, a function of your own, or a number for all steps. */
  readonly schedule: Schedule | number;
  /** Of the weights at the start, where `weights` has none: `he` for networks of ReLUs, or `xavier`. */
  readonly initializer: Initializer;
  /** 0 .. 2^32 - 1: of the initial weights, the shuffles and the masks. */
  readonly seed: number;
  /** Ends the training when the validation no longer improves. */
  readonly earlyStopping?: EarlyStopping;
  /** Where a stopped run goes on. */
  readonly resume?: Checkpoint;
  /**
   * Made beforehand by the same options, with the values of the start or of `resume`: its programs are known before the
   * first step. `fit` disposes of it when it throws, or goes on on another device.
   */
  readonly trainer?: Trainer;
  /** Stops after the step or the evaluated batch in hand when it becomes aborted; an AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean };
  /**
   * Opens the device again when it is lost (a driver reset, a worker that died), at the start or later. Training then goes on
   * from the last snapshot and repeats the steps since, to the same bits, without reporting them again. The caller disposes
   * of both devices. Without it, a lost device is a `TrainingLostError`.
   */
  readonly reopen?: () => Promise<Device>;
  /**
   * How often the state is copied to the host, for lost devices and `onSnapshot`, in seconds; default 60. A step or an
   * evaluation that would take longer than what is left of that time has a snapshot before it, and a checkpoint taken in
   * `onEpoch` counts as one.
   */
  readonly snapshotSeconds?: number;
}

/**
 * What `fit` calls as it goes on. Each call is awaited, promises included; its result is ignored. Where `reopen` is
 * given, a call that fails because the device is lost (in `checkpoint()`, for example) is made again on the next device.
 */
export interface FitCallbacks {
  /** Before the first step, where `weights` were given: what of them was taken over. */
  readonly onWeights?: (report: WeightsReport) => unknown;
  /** Before the first step: the state is on the device. After a loss, another trainer goes on; `onEpoch` is given it. */
  readonly onStart?: (trainer: Trainer) => unknown;
  /** After each step. */
  readonly onStep?: (progress: StepProgress) => unknown;
  /**
   * After each epoch.
   * @param checkpoint takes where the training stands: what `resume` takes; to be called before the callback is done
   */
  readonly onEpoch?: (
    report: EpochReport,
    trainer: Trainer,
    checkpoint: () => Promise<Checkpoint>,
  ) => unknown;
  /** After each snapshot, see `snapshotSeconds`. */
  readonly onSnapshot?: (checkpoint: Checkpoint) => unknown;
}

/** Where a training stands, and all that is needed to go on from there. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Parameters, buffers, slots and averages: {@link Trainer.snapshot}. */
  readonly values: Tensors;
  /** What the epoch in hand has added up so far. */
  readonly epoch: EpochTotals;
  /** Of early stopping, once there was a validation. */
  readonly stopping?: StoppingState;
}

/** Sums over the samples that an epoch has seen. */
export interface EpochTotals {
  /** The sum of the samples' losses. */
  readonly loss: number;
  /** Number of samples. */
  readonly count: number;
  /** The sums of the task's metrics. */
  readonly scores: Scores;
  /** Seconds spent on it so far. */
  readonly seconds: number;
}

/** What {@link FitCallbacks.onStep} receives. */
export interface StepProgress {
  /** From 1. */
  readonly epoch: number;
  /** Steps done in this run, from 1. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** The learning rate of the step. */
  readonly lr: number;
  /** The loss and the metrics of its batch. */
  readonly batch: StepResult;
  /** What its epoch has added up, the step included. */
  readonly totals: EpochTotals;
}

/**
 * What {@link FitCallbacks.onEpoch} receives. Accuracies are those of the metrics, where the task has them. With
 * `movingAverage`, validation and test are of the averaged weights.
 */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** The mean loss over the epoch's samples, as they were seen. */
  readonly loss: number;
  /** The task's metrics over the epoch's samples, as they were seen. */
  readonly metrics: Metrics;
  /** `metrics.accuracy`, from 0 to 1. */
  readonly trainAccuracy?: number;
  /** The mean loss over the validation samples, where there are any. */
  readonly validationLoss?: number;
  /** The task's metrics over the validation samples. */
  readonly validationMetrics?: Metrics;
  /** `validationMetrics.accuracy`, from 0 to 1. */
  readonly validationAccuracy?: number;
  /** The mean loss over the test samples, where there are any. */
  readonly testLoss?: number;
  /** The task's metrics over the test samples. */
  readonly testMetrics?: Metrics;
  /** `testMetrics.accuracy`, from 0 to 1. */
  readonly testAccuracy?: number;
  /** Training and evaluation together, as the book counts. */
  readonly seconds: number;
}

/** What `fit` gives. */
export interface FitResult {
  /** On the device, to evaluate, predict, or go on with; the caller disposes of it. */
  readonly trainer: Trainer;
  /** A report of each epoch that was trained by this call. */
  readonly epochs: readonly EpochReport[];
  /** Where it stands: the end, or where it was stopped. */
  readonly step: number;
  /** What the epoch in hand has added up: all zero at the end of one. */
  readonly totals: EpochTotals;
  /** Whether nothing is left to train; false where it was stopped by its signal. */
  readonly finished: boolean;
  /** Where early stopping ended it, or would have: the epoch whose weights it holds, from 1. */
  readonly bestEpoch?: number;
  /**
   * Where it stands, on the host: for `resume`, or to keep. With early stopping the trainer holds the best weights, the
   * checkpoint those of the last epoch, and the best ones as `stopping.values`.
   */
  readonly checkpoint: Checkpoint;
}
