// Learning rate schedules: functions of a run's progress, computed on the host in float64.
import { checkGiven, checkOptions } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { callback, optional, ranges } from '../arguments/forms.ts';

/** The progress of a run. */
export interface Position {
  /** The number of steps before this one. */
  readonly step: number;
  /** The total number of steps in the run. */
  readonly steps: number;
  /** The number of samples in this batch; the last of an epoch may be smaller. */
  readonly batch: number;
  /** The number of samples in a full batch. */
  readonly batchSize: number;
}

/** Returns the learning rate of a step. Write your own as a function: `({ step }) => 0.1 * 0.99 ** step`. */
export type Schedule = (position: Position) => number;

/**
 * Returns a schedule with a constant learning rate.
 * @throws DataError `OPTION` if it is not a number of at least 0
 */
export function constant(lr: number): Schedule {
  checkGiven('constant', { lr: [ranges.from0, lr] });
  return () => lr;
}

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** The first learning rate, as a fraction of the peak. Default 0.1. */
  readonly start?: number;
  /** The fraction of the steps in which the rate rises. Default 0.3. */
  readonly warmup?: number;
}

const ONE_CYCLE: Forms<OneCycleOptions> = {
  peak: ranges.from0,
  start: optional(ranges.from0),
  warmup: optional(ranges.part),
};

/**
 * Returns a schedule that rises linearly to the peak, then falls linearly to 0 (a linear form of Smith and
 * Topin 2018).
 * @throws DataError `OPTION` reporting every option that is missing, unknown or out of range
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions('oneCycle', options, ONE_CYCLE);
  const { peak, start = 0.1, warmup = 0.3 } = options;
  return ({ step, steps }) => {
    const rising = warmup * steps;
    if (step < rising) return peak * (start + (1 - start) * (step / rising));
    return peak * ((steps - step) / (steps - rising));
  };
}

/** Options of {@link stepDecay}. */
export interface StepDecayOptions {
  /** The first learning rate. */
  readonly lr: number;
  /** The factor that multiplies the rate at each milestone. Default 0.1. */
  readonly factor?: number;
  /** Fractions of the whole run, ascending, e.g. [0.5, 0.75]. */
  readonly milestones: readonly number[];
}

const STEP_DECAY: Forms<StepDecayOptions> = {
  lr: ranges.from0,
  factor: optional(ranges.from0),
  milestones: {
    text: 'a list of fractions of the run, numbers from 0 to 1',
    fits: (value) => Array.isArray(value) && value.every(ranges.part.fits),
  },
};

/**
 * Returns a schedule that is constant between milestones and multiplies the rate by a factor at each
 * milestone.
 * @throws DataError `OPTION` reporting every option that is missing, unknown or out of range
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  checkOptions('stepDecay', options, STEP_DECAY);
  const { lr, factor = 0.1, milestones } = options;
  return ({ step, steps }) => lr * factor ** milestones.filter((part) => step >= part * steps).length;
}

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** The fraction of the steps in which the rate rises linearly from 0. Default 0. */
  readonly warmup?: number;
  /** The final learning rate, as a fraction of the peak. Default 0. */
  readonly floor?: number;
}

const COSINE: Forms<CosineOptions> = {
  peak: ranges.from0,
  warmup: optional(ranges.part),
  floor: optional(ranges.from0),
};

/**
 * Returns a schedule that rises linearly to the peak, then falls along half a cosine to the floor (Loshchilov
 * and Hutter 2016, without restarts).
 * @throws DataError `OPTION` reporting every option that is missing, unknown or out of range
 */
export function cosine(options: CosineOptions): Schedule {
  checkOptions('cosine', options, COSINE);
  const { peak, warmup = 0, floor = 0 } = options;
  return ({ step, steps }) => {
    const rising = warmup * steps;
    if (step < rising) return (peak * (step + 1)) / (rising + 1);
    const progress = (step - rising) / (steps - rising);
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}

/**
 * Scales a schedule by the fraction of a full batch, so that a smaller last batch takes a smaller step. The
 * book Dive into Deep Learning does the same: it sums the loss and divides each step by the full batch size.
 */
export function perFullBatch(schedule: Schedule): Schedule {
  checkGiven('perFullBatch', { schedule: [callback, schedule] });
  return (position) => schedule(position) * (position.batch / position.batchSize);
}
