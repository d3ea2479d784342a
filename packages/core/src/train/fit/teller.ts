// What a training tells its caller. Steps and epochs that are computed again, after a device was lost, are told once.
import { DataError } from '../../errors.ts';
import type { WeightsReport } from '../startingWeights.ts';
import type { Trainer } from '../trainer.ts';
import type { Checkpoint, EpochReport, FitCallbacks, StepProgress } from './options.ts';

/** Calls the callbacks of one training. A call that throws counts as not made. */
export class Teller {
  readonly #callbacks: FitCallbacks;
  readonly #weights: WeightsReport | undefined;
  readonly #reports: EpochReport[] = [];
  readonly #told = { weights: false, start: false, step: 0, epoch: 0 };

  /**
   * @param weights what was taken over from the weights that were given, if any
   * @param step steps done when the training starts
   */
  constructor(callbacks: FitCallbacks, weights: WeightsReport | undefined, step: number) {
    this.#callbacks = callbacks;
    this.#weights = weights;
    this.#told.step = step;
  }

  /** Of the epochs that were told. */
  get reports(): readonly EpochReport[] {
    return this.#reports;
  }

  /** Tells of the weights, and that the state is on the device. */
  async start(trainer: Trainer): Promise<void> {
    const { onWeights, onStart } = this.#callbacks;
    if (this.#weights && !this.#told.weights) await onWeights?.(this.#weights);
    this.#told.weights = true;
    if (!this.#told.start) await onStart?.(trainer);
    this.#told.start = true;
  }

  /** @returns whether the step is told for the first time */
  async step(progress: StepProgress): Promise<boolean> {
    if (progress.step <= this.#told.step) return false;
    await this.#callbacks.onStep?.(progress);
    this.#told.step = progress.step;
    return true;
  }

  /**
   * @param checkpoint takes where the training stands. Later than in the callback, steps are under way that the state has seen
   * and the count has not: it is refused then
   * @returns whether the epoch is told for the first time
   */
  async epoch(
    report: EpochReport,
    trainer: Trainer,
    checkpoint: () => Promise<Checkpoint>,
  ): Promise<boolean> {
    if (report.epoch <= this.#told.epoch) return false;
    let standing = true;
    await this.#callbacks.onEpoch?.(report, trainer, async () => {
      if (standing) return checkpoint();
      throw new DataError(
        'CHECKPOINT',
        'fit: checkpoint: call it before onEpoch returns or its promise resolves',
      );
    });
    standing = false;
    this.#told.epoch = report.epoch;
    this.#reports.push(report);
    return true;
  }
}
