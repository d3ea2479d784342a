// Learning-rate schedules: functions of where a run stands, computed on the host in float64.

export interface Position {
  /** Steps done before this one. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Images in this batch, and in a full one: the last of an epoch may be smaller. */
  readonly batch: number;
  readonly batchSize: number;
}

export type Schedule = (position: Position) => number;

export function constant(lr: number): Schedule {
  return () => lr;
}

export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly peak: number;
  /** The first learning rate as a part of the peak, default 0.1. */
  readonly start?: number;
  /** The part of the steps that rise, default 0.3. */
  readonly warmup?: number;
}

/** Rises linearly to the peak, then falls linearly to 0 (Smith and Topin 2018, in its linear form). */
export function oneCycle({ peak, start = 0.1, warmup = 0.3 }: OneCycleOptions): Schedule {
  return ({ step, steps }) => {
    const rising = warmup * steps;
    if (step < rising) return peak * (start + (1 - start) * (step / rising));
    return peak * ((steps - step) / (steps - rising));
  };
}

/**
 * As in the book, where the loss is summed and each step divides by the full batch size, so that a smaller last batch takes
 * a smaller step.
 */
export function perFullBatch(schedule: Schedule): Schedule {
  return (position) => schedule(position) * (position.batch / position.batchSize);
}
