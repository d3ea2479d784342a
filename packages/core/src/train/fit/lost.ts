// Recovers from the loss of a device during training.
import type { Device } from '../../backend/contract.ts';
import { isLost, messageOf } from '../../errors.ts';
import { TrainingLostError } from './errors.ts';
import type { Tensors } from '../../tensor.ts';
import type { Trainer } from '../trainer.ts';
import type { Checkpoint, FitOptions } from './options.ts';

/** The number of losses without progress after which recovery gives up. */
const MAX_LOSSES = 3;

/** Restores checkpoints on reopened devices. */
export class Recovery {
  readonly #reopen: FitOptions['reopen'];
  readonly #newTrainer: (device: Device, values: Tensors) => Promise<Trainer>;
  /** The number of device losses since the last progress. */
  #losses = 0;

  constructor(
    reopen: FitOptions['reopen'],
    newTrainer: (device: Device, values: Tensors) => Promise<Trainer>,
  ) {
    this.#reopen = reopen;
    this.#newTrainer = newTrainer;
  }

  /** Call this when a step or an epoch is reported for the first time. */
  progressed(): void {
    this.#losses = 0;
  }

  /**
   * Creates a trainer from the checkpoint on a reopened device. If that device is lost too, reopens it again.
   * @param lost the error of the loss
   * @throws TrainingLostError if the device cannot be reopened or is lost too often
   */
  async trainer(lost: unknown, checkpoint: Checkpoint): Promise<Trainer> {
    for (let cause = lost; ;) {
      const device = await this.#device(cause, checkpoint);
      try {
        return await this.#newTrainer(device, checkpoint.values);
      } catch (error) {
        if (!isLost(error)) throw error;
        cause = error;
      }
    }
  }

  async #device(lost: unknown, checkpoint: Checkpoint): Promise<Device> {
    const giveUp = (problem: string, cause: unknown): TrainingLostError =>
      new TrainingLostError(
        `${messageOf(lost)}; ${problem}; the last snapshot is from step ${checkpoint.step}`,
        checkpoint,
        { cause },
      );
    if (!this.#reopen) throw giveUp('pass reopen to open the device again, or resume', lost);
    if (++this.#losses > MAX_LOSSES) throw giveUp(`it was lost ${this.#losses} times within one step`, lost);
    try {
      return await this.#reopen();
    } catch (cause) {
      throw giveUp(`it cannot be reopened: ${messageOf(cause)}`, cause);
    }
  }
}
