// Calls the callbacks of a training run. Steps and epochs that are repeated after a device loss are reported only once.
import { DataError } from '../../errors.ts';
import type { WeightsReport } from '../startingWeights.ts';
import type { Trainer } from '../trainer.ts';
import type { Checkpoint, EpochReport, FitCallbacks, StepProgress } from './options.ts';

/** Calls the callbacks of one training run. A callback that throws may be called again. */
export class Notifier {
  readonly #callbacks: FitCallbacks;
  readonly #weights: WeightsReport | undefined;
  readonly #reports: EpochReport[] = [];
  readonly #notified = { weights: false, start: false, step: 0, epoch: 0 };

  /**
   * @param weights the report on the given weights, if any
   * @param step the number of completed steps when training starts
   */
  constructor(callbacks: FitCallbacks, weights: WeightsReport | undefined, step: number) {
    this.#callbacks = callbacks;
    this.#weights = weights;
    this.#notified.step = step;
  }

  /** The reports of the epochs reported so far. */
  get reports(): readonly EpochReport[] {
    return this.#reports;
  }

  /** Calls `onWeights`, if there are loaded weights, and `onStart`, each only once. */
  async start(trainer: Trainer): Promise<void> {
    const { onWeights, onStart } = this.#callbacks;
    if (this.#weights && !this.#notified.weights) await onWeights?.(this.#weights);
    this.#notified.weights = true;
    if (!this.#notified.start) await onStart?.(trainer);
    this.#notified.start = true;
  }

  /** Reports a step, unless it was reported before. @returns true if this call reported it */
  async step(progress: StepProgress): Promise<boolean> {
    if (progress.step <= this.#notified.step) return false;
    await this.#callbacks.onStep?.(progress);
    this.#notified.step = progress.step;
    return true;
  }

  /**
   * Reports an epoch, unless it was reported before.
   * @param checkpoint takes a checkpoint; throws once the callback has finished, because the state may then be ahead of the
   * step count
   * @returns true if this call reported the epoch
   */
  async epoch(
    report: EpochReport,
    trainer: Trainer,
    checkpoint: () => Promise<Checkpoint>,
  ): Promise<boolean> {
    if (report.epoch <= this.#notified.epoch) return false;
    let isOpen = true;
    await this.#callbacks.onEpoch?.(report, trainer, async () => {
      if (isOpen) return checkpoint();
      throw new DataError(
        'CHECKPOINT',
        'fit: checkpoint: call it before onEpoch returns or its promise resolves',
      );
    });
    isOpen = false;
    this.#notified.epoch = report.epoch;
    this.#reports.push(report);
    return true;
  }
}
