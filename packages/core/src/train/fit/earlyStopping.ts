// Early stopping (Prechelt 1998): ends a training when its validation no longer improves, with the best weights.
import { DataError } from '../../errors.ts';
import type { Tensors } from '../../tensor.ts';
import type { Evaluation } from '../evaluate.ts';

/** When a training is ended early. It then holds the weights of its best epoch. */
export interface EarlyStopping {
  /** How many epochs without an improvement end it, 1 or more. */
  readonly patience: number;
  /** What is watched: the validation's `loss` (the default), or one of the task's metrics. */
  readonly monitor?: string;
  /** Whether lower or higher is better; needed with a metric. Default for the loss: `min`. */
  readonly mode?: 'min' | 'max';
  /** By how much a value has to be better to count as an improvement; default 0. */
  readonly minDelta?: number;
}

/** The state of early stopping; a part of each checkpoint. */
export interface StoppingState {
  /** The best value so far. */
  readonly best: number;
  /** Its epoch, from 1. */
  readonly epoch: number;
  /** Epochs since. */
  readonly waited: number;
  /** The trainer's snapshot of that epoch. */
  readonly values: Tensors;
}

/** @throws DataError `EARLY_STOPPING` for options that do not fit together */
export function checkEarlyStopping({ monitor = 'loss', mode }: EarlyStopping, hasValidation: boolean): void {
  const fail = (problem: string): DataError => new DataError('EARLY_STOPPING', `earlyStopping: ${problem}`);
  if (!hasValidation) throw fail('it watches the validation: pass fit a dataset validation');
  if (monitor !== 'loss' && mode === undefined) {
    throw fail(`mode: is lower or higher better of "${monitor}"? min or max`);
  }
}

/**
 * The state after an epoch's validation.
 * @param snapshot takes the state; called when the epoch is the best so far
 * @throws DataError `EARLY_STOPPING` when the task has no such metric
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
  // Anything is better than NaN, a metric of nothing.
  const better =
    !before ||
    Number.isNaN(before.best) ||
    (mode === 'min' ? value < before.best - minDelta : value > before.best + minDelta);
  if (!better) return { ...before, waited: before.waited + 1 };
  return { best: value, epoch, waited: 0, values: await snapshot() };
}
