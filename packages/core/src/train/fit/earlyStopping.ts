// Early stopping (Prechelt 1998): ends training when validation no longer improves, and restores the best weights.
import { DataError } from '../../errors.ts';
import type { Tensors } from '../../tensor.ts';
import type { Evaluation } from '../evaluate.ts';

/** The options of early stopping. A run that stops early ends with the weights of its best epoch. */
export interface EarlyStopping {
  /** The number of epochs without improvement after which training ends, at least 1. */
  readonly patience: number;
  /** The monitored value: the validation `loss` (the default), or one of the task's metrics. */
  readonly monitor?: string;
  /** `min` if lower is better, `max` if higher is. Required for a metric. Default for the loss: `min`. */
  readonly mode?: 'min' | 'max';
  /** The amount by which a value must be better to count as an improvement. Default 0. */
  readonly minDelta?: number;
}

/** The state of early stopping, which is part of each checkpoint. */
export interface StoppingState {
  /** The best value so far. */
  readonly best: number;
  /** The epoch of the best value, counted from 1. */
  readonly epoch: number;
  /** The number of epochs since then. */
  readonly waited: number;
  /** The trainer's snapshot from that epoch. */
  readonly values: Tensors;
}

/** @throws DataError `EARLY_STOPPING` for inconsistent options */
export function checkEarlyStopping({ monitor = 'loss', mode }: EarlyStopping, hasValidation: boolean): void {
  const fail = (problem: string): DataError => new DataError('EARLY_STOPPING', `earlyStopping: ${problem}`);
  if (!hasValidation) throw fail('expected validation data to monitor, got none; pass the option validation');
  if (monitor !== 'loss' && mode === undefined) {
    throw fail(`mode: expected min (lower is better) or max for "${monitor}", got nothing`);
  }
}

/**
 * Returns the state after an epoch's validation.
 * @param snapshot takes a snapshot; called if the epoch is the best so far
 * @throws DataError `EARLY_STOPPING` if the task has no such metric
 */
export async function watched(
  { monitor = 'loss', mode = 'min', minDelta = 0 }: EarlyStopping,
  before: StoppingState | undefined,
  epoch: number,
  { loss, metrics }: Evaluation,
  snapshot: () => Promise<Tensors>,
): Promise<StoppingState> {
  const value = monitor === 'loss' ? loss : metrics[monitor];
  if (value === undefined) {
    const known = ['loss', ...Object.keys(metrics)].join(', ');
    throw new DataError('EARLY_STOPPING', `earlyStopping: monitor: expected one of ${known}, got ${monitor}`);
  }
  // Any value is better than NaN, the mean over no samples.
  const better =
    !before ||
    Number.isNaN(before.best) ||
    (mode === 'min' ? value < before.best - minDelta : value > before.best + minDelta);
  if (!better) return { ...before, waited: before.waited + 1 };
  return { best: value, epoch, waited: 0, values: await snapshot() };
}
