// Learning-rate schedules: functions of where a run stands, computed on the host in float64.
import { checkGiven, checkOptions } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { callback, optional, ranges } from '../arguments/forms.ts';

/** Where a run stands. */
export interface Position {
  /** Steps done before this one. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Samples in this batch: the last of an epoch may be smaller. */
  readonly batch: number;
  /** Samples in a full one. */
  readonly batchSize: number;
}

/** The learning rate of a step. One of your own is a function: `({ step }) => 0.1 * 0.99 ** step`. */
export type Schedule = (position: Position) => number;

/**
 * The same learning rate at each step.
 * @throws DataError `OPTION` when it is not a number of at least 0
 */
export function constant(lr: number): Schedule {
  checkGiven('constant', { lr: [ranges.from0, lr] });
  return () => lr;
}

/** Options of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** The first learning rate as a part of the peak, default 0.1. */
  readonly start?: number;
  /** The part of the steps that rise, default 0.3. */
  readonly warmup?: number;
}

const ONE_CYCLE: Forms<OneCycleOptions> = {
  peak: ranges.from0,
  start: optional(ranges.from0),
  warmup: optional(ranges.part),
};

/**
 * Rises linearly to the peak, then falls linearly to 0 (Smith and Topin 2018, in its linear form).
 * @throws DataError `OPTION` telling every option that is missing, unknown or out of its range
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
  /** What the rate is multiplied by at each milestone, default 0.1. */
  readonly factor?: number;
  /** Parts of the whole run, ascending, e.g. [0.5, 0.75]. */
  readonly milestones: readonly number[];
}

const STEP_DECAY: Forms<StepDecayOptions> = {
  lr: ranges.from0,
  factor: optional(ranges.from0),
  milestones: {
    text: 'a list of parts of the run, numbers from 0 to 1',
    fits: (value) => Array.isArray(value) && value.every(ranges.part.fits),
  },
};

/**
 * Constant between milestones, lower by a factor after each.
 * @throws DataError `OPTION` telling every option that is missing, unknown or out of its range
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
  /** The part of the steps that rise linearly from 0, default 0. */
  readonly warmup?: number;
  /** The last learning rate as a part of the peak, default 0. */
  readonly floor?: number;
}

const COSINE: Forms<CosineOptions> = {
  peak: ranges.from0,
  warmup: optional(ranges.part),
  floor: optional(ranges.from0),
};

/**
 * Half a cosine from the peak down to the floor, after a linear rise (Loshchilov and Hutter 2016, without restarts).
 * @throws DataError `OPTION` telling every option that is missing, unknown or out of its range
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
 * As in the book, where the loss is summed and each step divides by the full batch size, so that a smaller last batch takes
 * a smaller step.
 */
export function perFullBatch(schedule: Schedule): Schedule {
  checkGiven('perFullBatch', { schedule: [callback, schedule] });
  return (position) => schedule(position) * (position.batch / position.batchSize);
}
